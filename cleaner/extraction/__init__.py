"""From a payload to the text that never changes again, its blocks, and what a page says of itself.

Plain text is its own text, and its blocks are its lines (`lines.split_lines`). A page becomes the
visible text of its elements in reading order (`blocks.read_page`), so that nothing of it is out of
sight; trafilatura then says which of these blocks are its main content (`main_content`), and its
answer is noted with each block rather than taken in its place.
"""

from cleaner.extraction.extract import extract_documents, reject_documents, split_text

__all__ = ["extract_documents", "reject_documents", "split_text"]
