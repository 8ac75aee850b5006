import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { callSandbox, startTestSandbox, type TestSandbox } from '../../test/helpers/sandbox';
import type { OutgoingMail } from './mailer';
import { SmtpMailer } from './smtp-mailer';

let world: TestSandbox;
let mailer: SmtpMailer;

function aMail(overrides: Partial<OutgoingMail> = {}): OutgoingMail {
  return {
    messageId: '0199-abc',
    template: 'order_confirmed',
    from: 'Throughline <orders@throughline.example>',
    to: 'ada@example.com',
    subject: '订单确认 · Order confirmed',
    text: 'Hello Ada\n\n谢谢。',
    html: '<p>Hello <b>Ada</b> 谢谢</p>',
    ...overrides,
  };
}

interface StoredMail {
  readonly id: string;
  readonly to: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function inbox(to = 'ada@example.com'): Promise<StoredMail[]> {
  const url = `${world.current().url}/mail?to=${encodeURIComponent(to)}`;
  const body: { items: StoredMail[] } = JSON.parse(
    JSON.stringify((await callSandbox('GET', url)).body),
  );
  return body.items;
}

async function setFault(fault: object): Promise<void> {
  await callSandbox('PUT', `${world.current().url}/faults/mail`, fault);
}

describe('SmtpMailer with the sandbox', () => {
  beforeEach(async () => {
    world = await startTestSandbox();
    mailer = new SmtpMailer({ url: world.current().smtpUrl });
  });

  afterEach(async () => {
    mailer.close();
    await world.close();
  });

  it('sends a mail that arrives as the contract says', async () => {
    const result = await mailer.send(aMail());

    const [stored] = await inbox();
    expect(result).toEqual({ kind: 'sent', providerId: stored?.id });
    expect(stored).toMatchObject({
      to: 'ada@example.com',
      from: 'orders@throughline.example',
      subject: '订单确认 · Order confirmed',
      text: 'Hello Ada\n\n谢谢。',
      html: expect.stringContaining('<p>Hello <b>Ada</b> 谢谢</p>'),
      headers: {
        'X-Throughline-Template': 'order_confirmed',
        'x-throughline-message': '0199-abc',
        'message-id': '<0199-abc@throughline>',
      },
      at: expect.stringMatching(/Z$/),
    });
  });

  it('sends to one recipient even when the address names more', async () => {
    const result = await mailer.send(aMail({ to: 'ada@example.com, eve@example.com' }));

    expect(result.kind).not.toBe('sent');
    expect(await inbox('eve@example.com')).toEqual([]);
  });

  it.each(['ada@example.com\r\nRCPT TO:<eve@example.com>', 'ada@example.com> <eve@example.com'])(
    'refuses the address %j',
    async (to) => {
      const result = await mailer.send(aMail({ to }));

      expect(result.kind).toBe('refused');
      expect(await inbox('eve@example.com')).toEqual([]);
    },
  );

  it('does not know what became of a mail when the connection is lost after it', async () => {
    await setFault({ mode: 'timeout_after_effect', times: 1 });

    const result = await mailer.send(aMail());

    expect(result).toMatchObject({ kind: 'unknown' });
    expect(await inbox()).toHaveLength(1);
  });

  it('does not know what became of a mail that is not answered in time', async () => {
    const impatient = new SmtpMailer({ url: world.current().smtpUrl, answerTimeoutMs: 1_000 });
    await setFault({ mode: 'slow', ms: 5_000 });

    const result = await impatient.send(aMail());

    expect(result).toEqual({ kind: 'unknown', code: 'ETIMEDOUT' });
    expect(await inbox()).toHaveLength(1);
  });

  it('knows that a refused mail was not taken', async () => {
    await setFault({ mode: 'error' });

    expect(await mailer.send(aMail())).toEqual({ kind: 'refused', code: 'smtp_550' });
    expect(await inbox()).toEqual([]);
  });

  it('knows that a server which is down has not taken it', async () => {
    await setFault({ mode: 'down' });
    expect(await mailer.send(aMail())).toEqual({ kind: 'deferred', code: 'smtp_421' });

    const nobody = new SmtpMailer({ url: 'smtp://127.0.0.1:1' });
    expect((await nobody.send(aMail())).kind).toBe('deferred');
    expect(await inbox()).toEqual([]);
  });

  it('sends many side by side', async () => {
    const mails = Array.from({ length: 64 }, (_, i) => aMail({ messageId: `m-${i}` }));

    const results = await Promise.all(mails.map((mail) => mailer.send(mail)));

    expect(results.every((result) => result.kind === 'sent')).toBe(true);
    const ids = (await inbox()).map((mail) => mail.headers['x-throughline-message']);
    expect(new Set(ids).size).toBe(64);
  });
});

/** A server that follows a script: the first entry is the greeting, the others answer the commands that come. */
async function startScripted(
  script: Record<string, string>,
): Promise<{ server: Server; url: string }> {
  const server = createServer((socket: Socket) => {
    const say = (step: string): void => {
      const line = script[step] ?? '250 OK';
      if (line === 'drop') socket.destroy();
      else socket.write(`${line}\r\n`);
    };
    let isBody = false;
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const text = chunk.toString();
      if (isBody) {
        if (!text.endsWith('\r\n.\r\n')) return;
        isBody = false;
        say('BODY');
        return;
      }
      for (const command of text.split('\r\n').filter((line) => line !== '')) {
        const word = command.split(' ')[0]?.toUpperCase() ?? '';
        isBody = word === 'DATA' && (script.DATA ?? '354').startsWith('354');
        say(word);
      }
    });
    say('GREETING');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { server, url: `smtp://127.0.0.1:${port}` };
}

describe('SmtpMailer with a scripted server', () => {
  const normal = { GREETING: '220 hello', DATA: '354 go on' };

  it.each([
    ['a 4xx for the sender', { MAIL: '451 try later' }, 'deferred'],
    ['a 5xx for the sender', { MAIL: '553 not you' }, 'refused'],
    ['a 4xx for the recipient', { RCPT: '450 grey' }, 'deferred'],
    ['a lost connection at the recipient', { RCPT: 'drop' }, 'deferred'],
    ['a 4xx for DATA', { DATA: '451 later' }, 'deferred'],
    ['a 5xx for DATA', { DATA: '554 no' }, 'refused'],
    ['a lost connection at DATA', { DATA: 'drop' }, 'deferred'],
    ['a 4xx for the message', { BODY: '451 later' }, 'deferred'],
    ['a 5xx for the message', { BODY: '554 spam' }, 'refused'],
    ['a 421 in place of the answer', { BODY: '421 closing' }, 'unknown'],
    ['a lost connection after the message', { BODY: 'drop' }, 'unknown'],
    ['nonsense after the message', { BODY: 'hmm' }, 'unknown'],
    ['a lost connection in the greeting', { GREETING: 'drop' }, 'deferred'],
    ['acceptance', {}, 'sent'],
  ])('takes %s for what it is', async (_, script, kind) => {
    const { server, url } = await startScripted({ ...normal, ...script });
    const scripted = new SmtpMailer({ url, answerTimeoutMs: 5_000 });

    const result = await scripted.send(aMail());

    server.close();
    expect(result.kind).toBe(kind);
  });
});
