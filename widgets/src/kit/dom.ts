/** Small makers of elements; data becomes text nodes, never markup. */

const SVG = 'http://www.w3.org/2000/svg';

type Attributes = Readonly<Record<string, string | number>>;

export function svg<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, name);
  for (const key of Object.keys(attributes)) element.setAttribute(key, String(attributes[key]));
  element.append(...children);
  return element;
}

export function html<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const key of Object.keys(attributes)) element.setAttribute(key, String(attributes[key]));
  element.append(...children);
  return element;
}

export function button(
  className: string,
  tip: string,
  content: Node | string,
  press: () => void
): HTMLButtonElement {
  const element = html('button', { type: 'button', class: className, title: tip }, content);
  if (typeof content !== 'string') element.setAttribute('aria-label', tip);
  element.addEventListener('click', press);
  return element;
}
