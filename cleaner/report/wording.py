"""What the report says in words: about kinds, relations, choices, views and files."""

from __future__ import annotations

import msgspec

from cleaner.model import DUPLICATE, TRUNCATED, WHITESPACE

KINDS = {
    DUPLICATE: "Main content that stands in another document too.",
    TRUNCATED: "Articles cut short by a paywall or a feed, which the run was told to leave out.",
    WHITESPACE: "Empty lines and blanks that a cut would leave at the edges of a text.",
    "interface": "Buttons, menus and other controls of the page: “Close”, “Play video”.",
    "navigation": "Section names, breadcrumbs and lists of pages of the site.",
    "promotion": "The outlet advertises itself: its apps, events, channels and other offers.",
    "paywall": "Notices that the text is for subscribers, and offers to subscribe.",
    "newsletter": "Invitations to sign up for e-mails.",
    "donation": "Requests for money in support of the outlet.",
    "advertisement": "Advertising, and the labels around it.",
    "related": "Links and teasers to other articles: “Read also”, “More on this topic”.",
    "share": "Invitations to share, print, save or follow.",
    "comments": "Readers' comments and the forms and rules around them.",
    "cookie_notice": "Notices about cookies, tracking and consent.",
    "legal": "Copyright, terms of use, imprint and disclaimers.",
    "notice": "Notes of the desk about the article: corrections, updates, where it first appeared.",
    "byline": "Lines that name the author and nothing else.",
    "dateline": "Lines that hold a date, a time or a place and nothing else.",
    "caption": "Captions of pictures, videos and graphics.",
    "credit": "Who took a picture, or which agency a text comes from.",
    "author_bio": "Paragraphs about the author at the end of an article.",
    "repeated_title": "The headline, given once more.",
    "repeated_text": "Text that a page gives twice; the first stays.",
    "outlet_line": "Lines that one outlet repeats over its documents.",
    "not_main_content": "Parts of a web page that are not the article and of no other kind.",
}
"""What each kind of removed text is."""


class RelationWording(msgspec.Struct, frozen=True):
    """How the report speaks of clusters of one relation."""

    name: str
    heading: str
    explanation: str


RELATIONS = {
    "copy": RelationWording(
        "Copies",
        "Copies: the same article",
        "The whole text of these documents is the same or nearly so, as when several outlets print "
        "one agency report. Long stretches without a difference are left out.",
    ),
    "passage": RelationWording(
        "Passages",
        "Passages: the same sentences",
        "Different articles that share whole sentences or paragraphs, as when one takes up a part "
        "of another.",
    ),
    "quote": RelationWording(
        "Quotations",
        "Quotations: the same words of somebody",
        "The same words between quotation marks in different articles. They often go back to one "
        "speech or interview, not to copying; they stay in every article unless the run was told "
        "to cut them.",
    ),
    "wire": RelationWording(
        "Agency copy",
        "Agency copy: one report of an agency",
        "One side names an agency as its writer, or at least four outlets have the same words "
        "within two days. Whole articles and parts of them.",
    ),
    "rewrite": RelationWording(
        "Rewrites",
        "Rewrites: the same passage in other words",
        "Less than four fifths of the words are the same. Only sentences that the other article "
        "holds nearly word for word are cut.",
    ),
    "self": RelationWording(
        "Same outlet",
        "Same outlet: updates, corrections and repeats",
        "The same text in several articles of one outlet.",
    ),
    "template": RelationWording(
        "Forms",
        "Forms: the same frame with other fillings",
        "Words that come back over many days, mostly in the same outlets: weather, results, "
        "standing paragraphs. They are never cut.",
    ),
}
"""The relations that clusters have, in the order of the page."""

REPRESENTATIVES = {
    "earliest_date": "It bears the earliest date.",
    "most_complete": "It has the most main content.",
    "smallest_id": "It has the smallest document id, which decides when nothing else does.",
    "others_truncated": "It is the best placed of the whole articles; one that would be better "
    "placed was cut short by a paywall or a feed.",
    "others_dropped": "It is the best placed of those that stay; one that is earlier, or as early "
    "and fuller, is itself dropped as a copy.",
}
"""Why a representative was chosen."""

TRUNCATIONS = {
    "paywall": "by a paywall",
    "feed": "by a feed",
    "unknown": "by something unknown",
}
"""What cut articles short."""

LEVELS = {
    "typography": "Other quotation marks, dashes, spaces and capitals.",
    "words_8": "8 of 100 words left out, put in, replaced or swapped.",
    "words_20": "20 of 100 words, and sentences that changed places or are missing.",
    "words_35": "35 of 100 words, and sentences that changed places or are missing.",
    "clauses": "The clauses of each sentence in another order.",
    "quote_15": "A quotation of 15 to 25 words.",
    "quote_8": "A quotation of 8 to 14 words.",
    "cut": "A whole article that breaks off after half to four fifths of it.",
}
"""How planted copies differ from what they were made of."""

VIEWS = {
    "unique": "one copy of everything repeated",
    "full": "boilerplate removed, all copies kept",
    "originals": "what an outlet did not take from another one",
}
"""What each view holds."""

CORPUS = "The corpus: the text of the run's view, document by document."
FILES = {
    "documents.parquet": "Every document with its metadata and its whole text, nothing removed.",
    "ledger.parquet": "Every piece of every text: kept or not, of which kind, by which rule, and "
    "where its other copy stands.",
    "matches.parquet": "Every verified pair of documents or passages, with measured similarity.",
    "clusters.jsonl": "Every cluster, one a line, with the place of each member in its document.",
    "bridges.parquet": "Every link that was not enough to merge what it links, and why.",
    "outlets.parquet": "What was learnt of each outlet, for later runs to start from.",
    "rejected.jsonl": "Every input that was set aside, one a line.",
    "report-data": "The heaviest texts of this report, where it would be too large as one file.",
    "manifest.json": "Version, configuration, inputs, and checksums of all files of the run.",
}
"""The files beside the report and the corpus, and what is in them."""

REASONS = {
    "representative": "It stands in other documents too; where copies are cut, this one stays.",
    "copy_of_document": "The whole article is a copy of another document, which stays.",
    "repeated_passage": "The same passage stands in another document, which keeps it.",
    "rewritten_passage": "Another document, which keeps it, has the passage in other words.",
    "repeated_quote": "The same quotation stands in another document.",
    "repeated_template": "A form that recurs with other names and figures.",
    "agency_copy": "It comes from an agency, so it is no original text of the outlet.",
    "nothing_else_left": "Nothing but repeated text was left of the article, so the rest went too.",
    "running_text": "Running text, as articles have.",
    "among_boilerplate": "It stands among boilerplate.",
    "whitespace": "Empty lines and blanks at the edges of what was cut.",
    "outside_the_container_of_the_article": "It stands outside the part of the page that holds the "
    "article.",
    "left_out_by_extractors": "Programs that extract articles leave it out.",
    "class_names_of_boilerplate": "The page's own class names call it something else than text.",
    "outlet_repeats_line": "The outlet repeats this line over its documents.",
    "in_nav_element": "The page marks it as navigation.",
    "in_button_element": "The page marks it as a button.",
    "in_figcaption_element": "The page marks it as a caption.",
}
"""What reasons in the ledger say, where the name does not say it all."""

RESOLUTIONS = {
    "resolve.copy": "Copies of a document: one stays (`resolve.copies`).",
    "resolve.wire": "Copies of an agency's report (`resolve.copies`, `resolve.passages`).",
    "resolve.passage": "Passages that stand in another document (`resolve.passages`).",
    "resolve.rewrite": "Passages that another document has in other words (`resolve.rewrites`).",
    "resolve.quote": "Quotations that stand in another document (`resolve.quotes`).",
    "resolve.self": "Text that the outlet has from a document of its own (`resolve.same_outlet`).",
    "resolve.template": "Forms that recur with other fillings; they are never cut.",
    "resolve.remainder": "What is left of a document of which nearly all is repeated.",
    "resolve.truncated": "Documents that were cut short (`resolve.truncated`).",
}
"""What the rules say that decide on repeated text."""
