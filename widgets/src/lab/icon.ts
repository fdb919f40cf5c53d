import { LabIcon } from '@jupyterlab/ui-components';

// JupyterLab colours every fill of class jp-icon3, "none" too: what is empty has no opacity.

/** Two values flow into an operation and one comes out. */
const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16">
  <g class="jp-icon3" fill-opacity="0" stroke="#616161" stroke-width="1.3">
    <path d="M4 4.8 7 7M4 11.2 7 9M10.6 8h2"/>
    <rect x="6.7" y="5.9" width="4" height="4.2" rx="1"/>
  </g>
  <g class="jp-icon3" fill="#616161">
    <circle cx="3" cy="4" r="1.7"/><circle cx="3" cy="12" r="1.7"/>
    <circle cx="13.6" cy="8" r="1.7"/>
  </g>
</svg>`;

export const graphIcon = new LabIcon({ name: 'minichain:graph', svgstr: drawing });

/** An open book with a tick. */
const book = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16">
  <g class="jp-icon3" fill-opacity="0" stroke="#616161" stroke-width="1.3" stroke-linejoin="round">
    <path d="M8 4.2C6.6 3.2 4.5 2.9 2 3v9.3c2.5-.1 4.6.2 6 1.2"/>
    <path d="M8 4.2C9.4 3.2 11.5 2.9 14 3v9.3c-2.5-.1-4.6.2-6 1.2zM8 4.2v9.3"/>
    <path d="m10 8 1 1.200 1.700-2.400"/>
  </g>
</svg>`;

export const lessonsIcon = new LabIcon({ name: 'minichain:lessons', svgstr: book });

const numbered = new Map<string, LabIcon>();

/** The number of a lesson, two digits. */
export function lessonIcon(number: string): LabIcon {
  const svgstr = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16">
    <text class="jp-icon3" fill="#616161" x="8" y="12.8" font-family="sans-serif" font-size="13.5"
      font-weight="700" text-anchor="middle" textLength="16">${number}</text>
  </svg>`;
  const icon = numbered.get(number) ?? new LabIcon({ name: `minichain:lesson-${number}`, svgstr });
  numbered.set(number, icon);
  return icon;
}
