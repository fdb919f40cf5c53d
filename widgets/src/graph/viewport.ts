/** Pan and zoom of the scene: one transform, changed by pointer, wheel and commands. */
import type { Rect } from './layout';

export interface Bounds {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const SMALLEST = 0.04;
const LARGEST = 3;
const MARGIN = 8;
/** Room for the words below the last box. */
const WORDS = 18;
/** A view that follows the growth is not made smaller than this. */
const READABLE = 0.55;
/** Below this scale words are too small to read and are left out. */
const FAR = 0.42;

export class Viewport {
  scale = 1;
  x = 0;
  y = 0;
  private width = 0;
  private height = 0;
  private frame = 0;
  private drag: { id: number; x: number; y: number; moved: boolean } | null = null;
  private readonly resizer: ResizeObserver | null;
  private readonly ends = new AbortController();

  constructor(
    private readonly surface: SVGSVGElement,
    private readonly world: SVGGElement,
    private readonly events: { moved(): void; resized(): void; bounds(): Bounds }
  ) {
    const { signal } = this.ends;
    surface.addEventListener('pointerdown', event => this.press(event), { signal });
    surface.addEventListener('pointermove', event => this.pull(event), { signal });
    surface.addEventListener('pointerup', event => this.release(event), { signal });
    surface.addEventListener('pointercancel', event => this.release(event), { signal });
    surface.addEventListener('click', event => this.swallow(event), { signal, capture: true });
    surface.addEventListener('wheel', event => this.wheel(event), { signal, passive: false });
    this.measure();
    this.resizer =
      typeof ResizeObserver === 'undefined'
        ? null
        : new ResizeObserver(() => {
            const before = this.width;
            this.measure();
            if (before > 0) this.pan((this.width - before) / 2, 0);
            this.events.resized();
          });
    this.resizer?.observe(surface);
  }

  /** How many columns fit beside each other, words still readable; null while hidden. */
  columns(width: number): number | null {
    if (this.width === 0) return null;
    return Math.max(1, Math.floor((this.width / width) * 1.15 + 0.1));
  }

  dispose(): void {
    this.ends.abort();
    this.resizer?.disconnect();
    cancelAnimationFrame(this.frame);
  }

  /** Show everything, no larger than life; below the `least` scale its width, from the top. */
  fit(bounds: Bounds, least = SMALLEST): void {
    if (bounds.right < bounds.left || this.width === 0) return;
    const w = bounds.right - bounds.left;
    const h = bounds.bottom + WORDS - bounds.top;
    const room = { w: this.width - 2 * MARGIN, h: this.height - 2 * MARGIN };
    const whole = Math.min(1, room.w / w, room.h / h);
    const wide = Math.max(READABLE, Math.min(1, room.w / w));
    this.scale = Math.max(whole < least ? wide : whole, SMALLEST);
    this.x = (this.width - w * this.scale) / 2 - bounds.left * this.scale;
    this.y = Math.max(MARGIN, Math.min(28, (this.height - h * this.scale) / 3));
    this.y -= bounds.top * this.scale;
    this.apply();
  }

  /** Keep the whole in view while it is small; later its width, and the newest box. */
  follow(bounds: Bounds, newest: Rect | null): void {
    if (bounds.right < bounds.left || this.width === 0) return;
    const w = bounds.right - bounds.left;
    const room = this.width - 2 * MARGIN;
    this.scale = Math.max(Math.min(1, room / w), READABLE);
    const top = MARGIN + 4 - bounds.top * this.scale;
    this.x = (this.width - w * this.scale) / 2 - bounds.left * this.scale;
    if (newest !== null && w * this.scale > room) {
      this.x = this.width / 2 - (newest.x + newest.w / 2) * this.scale;
      const left = MARGIN - bounds.left * this.scale;
      const right = this.width - MARGIN - bounds.right * this.scale;
      this.x = Math.min(left, Math.max(right, this.x));
    }
    const end = newest === null ? bounds.bottom : newest.y + newest.h;
    this.y = Math.min(top, this.height - 56 - end * this.scale);
    if ((bounds.bottom - bounds.top) * this.scale <= this.height - 2 * MARGIN) this.y = top;
    this.apply();
  }

  /** Move as little as needed to bring a box into view. */
  reveal(rect: Rect): void {
    const edge = 24;
    const left = rect.x * this.scale + this.x;
    const top = rect.y * this.scale + this.y;
    const right = left + rect.w * this.scale;
    const bottom = top + rect.h * this.scale;
    if (left < edge) this.x += edge - left;
    else if (right > this.width - edge) this.x -= right - this.width + edge;
    if (top < edge) this.y += edge - top;
    else if (bottom > this.height - edge) this.y -= bottom - this.height + edge;
    this.apply();
  }

  /** Keep a box that has moved where it was on the screen. */
  anchor(before: Rect, after: Rect): void {
    this.x += (before.x + before.w / 2 - after.x - after.w / 2) * this.scale;
    this.y += (before.y - after.y) * this.scale;
    this.apply();
  }

  zoom(factor: number, at = { x: this.width / 2, y: this.height / 2 }): void {
    const scale = Math.min(LARGEST, Math.max(SMALLEST, this.scale * factor));
    this.x = at.x - ((at.x - this.x) * scale) / this.scale;
    this.y = at.y - ((at.y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.apply();
  }

  pan(dx: number, dy: number): void {
    this.x += dx;
    this.y += dy;
    this.apply();
  }

  private canMove(dx: number, dy: number): boolean {
    const { left, right, top, bottom } = this.events.bounds();
    const at = (x: number): number => x * this.scale + this.x;
    const upright = (y: number): number => y * this.scale + this.y;
    const down = dy > 0 && upright(bottom) > this.height - MARGIN;
    const up = dy < 0 && upright(top) < MARGIN;
    const sideways = (dx > 0 && at(right) > this.width - MARGIN) || (dx < 0 && at(left) < MARGIN);
    return down || up || sideways;
  }

  private measure(): void {
    this.width = this.surface.clientWidth;
    this.height = this.surface.clientHeight;
  }

  private apply(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      const { scale, x, y } = this;
      this.world.setAttribute('transform', `matrix(${scale} 0 0 ${scale} ${x} ${y})`);
      this.surface.classList.toggle('mc-far', scale < FAR);
    });
  }

  private press(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.drag = { id: event.pointerId, x: event.clientX, y: event.clientY, moved: false };
  }

  private pull(event: PointerEvent): void {
    const drag = this.drag;
    if (drag === null || drag.id !== event.pointerId) return;
    const dx = event.clientX - drag.x;
    const dy = event.clientY - drag.y;
    if (!drag.moved) {
      if (Math.hypot(dx, dy) < 4) return;
      drag.moved = true;
      this.surface.setPointerCapture(event.pointerId);
      this.surface.classList.add('mc-dragging');
    }
    drag.x = event.clientX;
    drag.y = event.clientY;
    this.pan(dx, dy);
    this.events.moved();
  }

  private release(event: PointerEvent): void {
    if (this.drag?.id !== event.pointerId) return;
    this.surface.classList.remove('mc-dragging');
    if (!this.drag.moved) this.drag = null;
  }

  /** The click that ends a drag picks nothing. */
  private swallow(event: MouseEvent): void {
    if (this.drag?.moved === true) event.stopPropagation();
    this.drag = null;
  }

  /** Ctrl and wheel zoom, the wheel alone moves; the page scrolls on at the graph's ends. */
  private wheel(event: WheelEvent): void {
    const step = event.deltaMode === 1 ? 16 : 1;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const frame = this.surface.getBoundingClientRect();
      const at = { x: event.clientX - frame.left, y: event.clientY - frame.top };
      this.zoom(Math.exp(-event.deltaY * step * 0.01), at);
    } else {
      const sideways = event.shiftKey && event.deltaX === 0;
      const dx = (sideways ? event.deltaY : event.deltaX) * step;
      const dy = (sideways ? 0 : event.deltaY) * step;
      if (!this.canMove(dx, dy)) return;
      event.preventDefault();
      this.pan(-dx, -dy);
    }
    this.events.moved();
  }
}
