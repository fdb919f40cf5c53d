import { graphPanel } from './graphpanel';
import { lessons } from './lessons/plugin';

export default [graphPanel, lessons];
