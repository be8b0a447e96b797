// Builds config/frontend/dist: `npm run build`. Nothing here reaches the network.
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { compile } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const dist = join(here, "dist");

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await cp(join(here, "static"), dist, { recursive: true });

for (const sheet of ["app", "admin"]) {
  const { css } = compile(join(here, "scss", `${sheet}.scss`), {
    loadPaths: [join(root, "node_modules")],
    style: "compressed",
    quietDeps: true,
  });
  await writeFile(join(dist, `${sheet}.css`), css);
}

await build({
  entryPoints: [join(here, "js", "app.js"), join(here, "js", "start.js")],
  outdir: dist,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2020"],
  logLevel: "warning",
});
