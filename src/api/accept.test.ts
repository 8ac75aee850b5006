import { chooseType } from './accept';

const OFFERS = ['application/json', 'application/pdf', 'application/xml'] as const;

describe('chooseType', () => {
  it.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['application/*', 'application/json'],
    ['application/pdf', 'application/pdf'],
    ['APPLICATION/XML; charset=utf-8', 'application/xml'],
    ['text/html, application/xml;q=0.9, */*;q=0.1', 'application/xml'],
    ['application/json;q=0.2, application/pdf;q=0.3', 'application/pdf'],
    ['application/json;q=0, */*', 'application/pdf'],
    ['text/html', null],
    ['application/pdf;q=0', null],
    ['application/pdf;q=x', null],
    ['', null],
  ])('%s takes %s', (accept, type) => {
    expect(chooseType(accept, OFFERS)).toBe(type);
  });
});
