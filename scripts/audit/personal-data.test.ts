import { textOf } from './history-facts';
import { findPersonalData } from './personal-data';

const NOBODY = new Map<string, string>();

describe('personal data in a history', () => {
  it('is found in payloads and failures, and never repeated', () => {
    const data = new TextEncoder().encode(JSON.stringify({ to: 'ada@example.com' }));
    const text = textOf([
      { input: { payloads: [{ data }] } },
      { failure: { message: '1 Main St' } },
    ]);
    const own = new Map([['1 Main St', 'street']]);
    expect(findPersonalData(text, own)).toEqual(['street', 'e-mail address']);
  });

  it('is a card token of whomever', () => {
    expect(findPersonalData(textOf({ token: 'tok_ok' }), NOBODY)).toEqual(['card token']);
  });

  it('is not what tells processes apart', () => {
    const text = textOf({ identity: '17@host.example.com', workerIdentity: '17@host.example.com' });
    expect(findPersonalData(text, NOBODY)).toEqual([]);
  });
});
