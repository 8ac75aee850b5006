/**
 * A transform that loads a file outside of the test file's registry: once per Jest worker instead of once per test file.
 * For the system under test, which each test file starts anew but need not load and warm up anew, as one process in
 * production does not. In Jest's global set-up, which has no test environment, a package is loaded as it is.
 */
module.exports = {
  process(source, file) {
    const outer = `module.exports = globalThis.requireOuter(${JSON.stringify(file)});`;
    if (file.endsWith('.ts')) return { code: outer };
    return { code: `if (globalThis.requireOuter) ${outer}\nelse {${source}\n}` };
  },
  getCacheKey: (_source, file) => `outer module 2 ${file}`,
};
