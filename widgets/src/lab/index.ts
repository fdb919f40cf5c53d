import { graphPanel } from './graphpanel';

export default [graphPanel];
