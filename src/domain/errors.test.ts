import { DomainError, ERROR_CODES } from './errors';

describe('DomainError', () => {
  it('carries code, detail and what it is given besides', () => {
    const cause = new Error('root');
    const errors = [{ path: 'lines.0.quantity', message: 'must be at least 1' }];

    const error = new DomainError('validation_failed', 'bad input', { errors, cause });

    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: 'validation_failed', detail: 'bad input', errors, cause });
    expect(error.message).toBe('validation_failed: bad input');
  });

  it('has no empty members', () => {
    const error = new DomainError('not_found', 'no such order');

    expect(Object.keys(error).toSorted()).toEqual(['code', 'detail', 'name']);
  });

  it('keeps further members of the problem document', () => {
    const extra = { currentStatus: 'completed', allowedActions: ['notes'] };

    expect(new DomainError('illegal_transition', 'too late', { extra }).extra).toBe(extra);
  });
});

describe('ERROR_CODES', () => {
  it('lists each code once, in snake_case', () => {
    expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length);
    expect(ERROR_CODES.filter((code) => !/^[a-z]+(_[a-z]+)*$/.test(code))).toEqual([]);
  });
});
