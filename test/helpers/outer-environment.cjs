const { TestEnvironment } = require('jest-environment-node');

require('./register-swc.cjs');

/** Node's own environment, in which a test file reaches what `outer-module.cjs` loads once per Jest worker. */
module.exports = class OuterEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.global.requireOuter = require;
  }
};
