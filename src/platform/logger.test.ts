import { spawnSync } from 'node:child_process';

/** pino writes past Jest's capture, so a process of its own logs. */
function logged(fields: string): string {
  const code = `require('./src/platform/logger').createLogger({ service: 't', level: 'info' }).info(${fields}, 'done')`;
  return spawnSync(process.execPath, ['--import', 'tsx', '-e', code], { encoding: 'utf8' }).stdout;
}

describe('createLogger', () => {
  it('hides secrets and personal fields, and keeps the rest', () => {
    const fields = `{ orderId: 'o-1', token: 'tok_secret', order: { email: 'ada@example.com' },
      customer: { name: 'Ada' }, err: Object.assign(new Error('no'), { detail: 'Key (email)=(ada@example.com)' }) }`;

    const line = logged(fields);

    expect(line).toContain('"orderId":"o-1"');
    expect(line).not.toMatch(/tok_secret|ada@example|"Ada"/);
  });
});
