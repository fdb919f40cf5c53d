/** What all widgets are made of: frame, controls, curves, tables of colours, messages. */
export * from './arrays';
export * from './cells';
export * from './chart';
export * from './check';
export * from './controls';
export * from './dom';
export * from './frame';
export * from './heat';
export * from './link';
export * from './number';
export * from './still';
