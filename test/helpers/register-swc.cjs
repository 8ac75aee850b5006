/**
 * Lets Node load our TypeScript as CommonJS. Unlike tsx it looks at no other file, which halves what a process costs to
 * start: built code and packages are loaded as they are.
 */
const { transformFileSync } = require('@swc/core');

require.extensions['.ts'] = (module, file) => {
  const { code } = transformFileSync(file, {
    swcrc: false,
    jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  });
  module._compile(code, file);
};
