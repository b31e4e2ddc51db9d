// Writes src/ to build/ without its types. All else stays in its place, so that an error of the component names the
// line and the column of src/.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { transformSync } from "@swc/wasm-typescript";

rmSync("build", { recursive: true, force: true });
for (const file of readdirSync("src", { recursive: true })) {
  if (!file.endsWith(".ts")) continue;
  const source = readFileSync(join("src", file), "utf8");
  const { code } = transformSync(source, { filename: file, mode: "strip-only", module: true });
  const built = join("build", file);
  mkdirSync(dirname(built), { recursive: true });
  writeFileSync(built, code);
}
