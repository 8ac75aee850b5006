import { renderStateDiagram } from './state-diagram';

describe('renderStateDiagram', () => {
  it('draws entries, transitions and ends from the table', () => {
    expect(renderStateDiagram('reservation')).toBe(
      [
        'stateDiagram-v2',
        '  [*] --> held',
        '  [*] --> committed',
        '  held --> committed',
        '  held --> expired',
        '  held --> released',
        '  committed --> consumed',
        '  committed --> released',
        '  consumed --> [*]',
        '  released --> [*]',
        '  expired --> [*]',
        '',
      ].join('\n'),
    );
  });
});
