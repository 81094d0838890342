// Bundles the page into ../built: one script, one style sheet, and the licences of what is in them.
// Both begin with a digest of the sources, by which a test tells whether they are current.

import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const built = join(here, "..", "built");
const NOT_SOURCES = new Set(["node_modules", ".gitignore"]);

function* listFiles(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries.filter((entry) => !NOT_SOURCES.has(entry.name))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* listFiles(path);
    else yield path;
  }
}

function digestSources() {
  const names = [...listFiles(here)].map((path) => relative(here, path).replaceAll("\\", "/"));
  const digest = createHash("sha256");
  for (const name of names.sort()) {
    digest.update(`${name}\0`).update(readFileSync(join(here, name))).update("\0");
  }
  return digest.digest("hex");
}

function listLicenses(inputs) {
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)\//;
  const names = new Set(inputs.map((path) => inPackage.exec(path)?.[1]).filter(Boolean));
  return [...names].sort().map((name) => {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
    if (!file) throw new Error(`${name} comes without its licence`);
    const text = readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
}

const banner = `/* ${digestSources()} */`;
const result = await build({
  entryPoints: { report: join(here, "src/main.tsx") },
  outdir: built,
  bundle: true,
  minify: true,
  metafile: true,
  charset: "ascii",
  target: ["chrome103", "firefox113", "safari16.4"],
  format: "iife",
  jsx: "automatic",
  jsxImportSource: "preact",
  alias: { react: "preact/compat", "react-dom": "preact/compat" },
  legalComments: "none",
  banner: { js: banner, css: banner },
  absWorkingDir: here,
});
const licenses = listLicenses(Object.keys(result.metafile.inputs));
const rule = `\n${"-".repeat(80)}\n\n`;
writeFileSync(join(built, "LICENSES.txt"), licenses.join(rule));
