/** The picture as a file: SVG with its styles written out, or PNG made of that. */
const PROPERTIES = [
  'fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'opacity', 'font-family',
  'font-size', 'font-weight', 'text-anchor', 'paint-order', 'display', 'visibility'
];
const MARGIN = 24;      // words stand above and below the outermost boxes
/** Pixels of a PNG for each pixel of the picture, and at most in one direction. */
const SCALE = 2;
const MOST = 8_000;

interface Bounds {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The text of an SVG file of what is in `world`, with the colours that it has on the screen. */
export function svgText(world: SVGGElement, bounds: Bounds, background: string): string {
  const copy = world.cloneNode(true) as SVGGElement;
  const originals = [world, ...world.querySelectorAll<SVGElement>('*')];
  // Seen from far away, words are left out on the screen; a file has them.
  const far = world.closest('.mc-far');
  far?.classList.remove('mc-far');
  [copy, ...copy.querySelectorAll('*')].forEach((element, index) => {
    const original = originals[index];
    if (original === undefined) return;
    const style = getComputedStyle(original);
    for (const name of PROPERTIES) {
      const value = style.getPropertyValue(name);
      if (value !== '') element.setAttribute(name, value);
    }
    for (const name of ['class', 'style', 'data-key']) element.removeAttribute(name);
    const place = original.style.transform.replaceAll('px', '');
    if (place !== '') element.setAttribute('transform', place);
  });
  far?.classList.add('mc-far');
  copy.removeAttribute('transform');
  const [x, y] = [Math.floor(bounds.left) - MARGIN, Math.floor(bounds.top) - MARGIN];
  const [w, h] = [Math.ceil(bounds.right) + MARGIN - x, Math.ceil(bounds.bottom) + MARGIN - y];
  const file = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  file.setAttribute('viewBox', `${x} ${y} ${w} ${h}`);
  file.setAttribute('width', String(w));
  file.setAttribute('height', String(h));
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  const sides = { x, y, width: w, height: h, fill: background };
  for (const [name, value] of Object.entries(sides)) ground.setAttribute(name, String(value));
  file.append(ground, copy);
  return new XMLSerializer().serializeToString(file);
}

/** A PNG of an SVG file; rejects if the browser cannot draw it. */
export async function pngOf(text: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const longest = Math.max(image.width, image.height);
  const scale = Math.min(SCALE, MOST / longest);
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob(blob => {
      if (blob === null) reject(new Error('The browser made no PNG of the picture.'));
      else resolve(blob);
    }, 'image/png');
  });
}

/** Hand a file to whoever keeps downloads. */
export function download(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A file name made of a title: 'cell [3]' -> 'cell-3.svg'. */
export function fileName(title: string | null, kind: string): string {
  const words = (title ?? '').replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '');
  return `${words === '' ? 'graph' : words}.${kind}`;
}
