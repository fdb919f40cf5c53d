export { GraphView } from './view';
export type { GraphViewOptions } from './view';
export type { FrontMessage } from './protocol';
