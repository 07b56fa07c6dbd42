// Runs pytest on Pyodide: node python314.mjs PACKAGES SITE ROOT [pytest's arguments]
// PACKAGES holds node_modules, SITE what pip installed, ROOT the tests.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [packages, site, root, ...words] = process.argv.slice(2);
const entry = createRequire(`${packages}/`).resolve("pyodide/pyodide.mjs");
const { loadPyodide } = await import(pathToFileURL(entry));
const python = await loadPyodide({ env: { HOME: "/home/pyodide" } });
for (const [inside, outside] of [["/site", site], ["/root", root]]) {
  python.FS.mkdirTree(inside);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: outside }, inside);
}
python.globals.set("words", python.toPy(words));
process.exitCode = python.runPython(`
import os, subprocess, sys

sys.path[:0] = ["/site", "/root"]
sys.dont_write_bytecode = True
os.chdir("/root")

import pytest


class NoProcesses:
    @pytest.fixture(autouse=True)
    def _no_processes(self, monkeypatch):
        def none(*given, **more):
            pytest.skip("starts a process")

        monkeypatch.setattr(subprocess.Popen, "__init__", none)


print(sys.version)
int(pytest.main(["-p", "no:cacheprovider", *words], plugins=[NoProcesses()]))
`);
