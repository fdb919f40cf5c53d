"use strict";(self.rspackChunkminichain=self.rspackChunkminichain||[]).push([["style_index_js"],{"./node_modules/css-loader/dist/cjs.js!./style/board.css"(e,o,r){var a=r("./node_modules/css-loader/dist/runtime/noSourceMaps.js"),t=r.n(a),i=r("./node_modules/css-loader/dist/runtime/api.js"),n=(r.n(i))()(t());n.push([e.id,`/* The tabs of the graph panel, and the sheets beside the graph. */
.mc-Board.mc-kit {
  display: flex;
  container-type: normal;
  flex-direction: column;
  height: 100%;
  padding: 0;
  border: none;
}

.mc-Board-tabs {
  display: flex;
  flex-wrap: wrap;
  flex: none;
  border-bottom: 1px solid var(--mc-frame);
}

.mc-Board-tabs button {
  flex: 0 1 auto;
  padding: 4px 5px;
  border: none;
  border-bottom: 2px solid transparent;
  color: var(--mc-muted);
  background: none;
  font: inherit;
  font-size: var(--mc-small-size);
  cursor: pointer;
}

.mc-Board-tabs button[aria-selected='true'] {
  border-bottom-color: var(--mc-forward);
  color: var(--mc-ink);
  font-weight: 600;
}

.mc-Board-tabs button:focus-visible,
.mc-Sheet-name:focus-visible {
  outline: 2px solid var(--mc-forward);
  outline-offset: -2px;
}

.mc-Board-stage {
  position: relative;
  flex: 1 1 auto;
  min-height: 0;
}

.mc-Board-graph,
.mc-Sheet {
  position: absolute;
  inset: 0;
}

.mc-Board-graph[hidden],
.mc-Sheet[hidden] {
  display: none;
}

.mc-Sheet {
  padding: 8px 12px;
  overflow: auto;
  color: var(--mc-ink);
  font-size: var(--mc-font-size);
}

.mc-Sheet-head {
  margin: 0 0 8px;
  color: var(--mc-muted);
}

.mc-Sheet-rows {
  margin: 0;
  padding: 0;
  list-style: none;
}

.mc-Sheet-rows li {
  padding: 4px 0;
}

.mc-Sheet-line {
  display: flex;
  justify-content: space-between;
  gap: 8px;
}

.mc-Sheet-name {
  min-width: 0;
  padding: 0;
  overflow: hidden;
  border: none;
  color: inherit;
  background: none;
  font: inherit;
  font-weight: 600;
  text-align: start;
  text-overflow: ellipsis;
  white-space: nowrap;
  cursor: pointer;
}

.mc-Sheet-name:hover {
  text-decoration: underline;
}

.mc-Sheet-value {
  flex: none;
  font-variant-numeric: tabular-nums;
}

.mc-Sheet-track {
  height: 6px;
  margin: 2px 0;
  background: var(--mc-frame-fill);
}

.mc-Sheet-bar {
  display: block;
  height: 100%;
  min-width: 1px;
  background: var(--mc-forward);
}

.mc-Sheet-detail {
  color: var(--mc-muted);
  font-size: var(--mc-small-size);
}

.mc-Sheet-faded .mc-Sheet-bar {
  box-sizing: border-box;
  border: 1px solid var(--mc-line);
  background: none;
}

.mc-Sheet-faded .mc-Sheet-line {
  color: var(--mc-muted);
}

.mc-Sheet-alarm .mc-Sheet-value {
  color: var(--mc-nan);
  font-weight: 700;
}

.mc-Sheet-strip {
  display: flex;
  height: 20px;
  margin-bottom: 8px;
}

.mc-Sheet-strip span {
  flex-basis: 0;
  min-width: 0;
  cursor: pointer;
}
`,""]),r.d(o,{},{A:n})},"./node_modules/css-loader/dist/cjs.js!./style/graph.css"(e,o,r){var a=r("./node_modules/css-loader/dist/runtime/noSourceMaps.js"),t=r.n(a),i=r("./node_modules/css-loader/dist/runtime/api.js"),n=r.n(i),c=r("./node_modules/css-loader/dist/cjs.js!./style/tokens.css"),s=n()(t());s.i(c.A),s.push([e.id,`/* The graph view. */

/* ---- the panel ---- */

.mc-graph {
  display: flex;
  flex: 1 1 auto;
  flex-direction: column;
  box-sizing: border-box;
  container-type: inline-size;
  width: 100%;
  min-width: 0;
  height: 100%;
  min-height: 200px;
  overflow: hidden;
  background: var(--mc-background);
  color: var(--mc-ink);
  font: var(--mc-font-size) / 1.4 var(--jp-ui-font-family, system-ui, 'DejaVu Sans', sans-serif);
}

.mc-graph [hidden] {
  display: none;
}

.mc-head {
  display: flex;
  gap: 8px;
  align-items: baseline;
  justify-content: space-between;
  padding: 8px 12px 0;
}

.mc-title {
  overflow: hidden;
  margin: 0;
  color: inherit;
  font-size: 13px;
  font-weight: 600;
  text-overflow: ellipsis;
  white-space: nowrap;
}

.mc-phase {
  flex: none;
  font-size: var(--mc-small-size);
  font-weight: 600;
}

.mc-phase-forward {
  color: var(--mc-forward);
}

.mc-phase-backward {
  color: var(--mc-backward);
}

.mc-phase-update {
  color: var(--mc-muted);
}

.mc-hint {
  margin: 2px 12px 4px;
  color: var(--mc-muted);
  font-size: var(--mc-small-size);
  line-height: 1.35;
}

.mc-controls {
  display: flex;
  flex-wrap: wrap;
  gap: 0;
  padding: 0 6px;
  border-bottom: 1px solid var(--jp-border-color2, var(--mc-frame));
}

.mc-button {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  width: 25px;
  height: 26px;
  padding: 0;
  border: 0;
  border-radius: 4px;
  background: none;
  color: inherit;
  cursor: pointer;
}

.mc-button:hover {
  background: var(--mc-hover);
}

.mc-button[aria-pressed='true'] {
  background: var(--mc-forward-fill);
  color: var(--mc-forward);
}

.mc-graph button:focus-visible,
.mc-graph input:focus-visible {
  outline: 2px solid var(--mc-forward);
  outline-offset: -2px;
}

.mc-icon {
  fill: none;
  stroke: currentcolor;
  stroke-linecap: round;
  stroke-linejoin: round;
  stroke-width: 1.5;
}

.mc-search {
  display: flex;
  gap: 8px;
  align-items: center;
  padding: 4px 8px;
  border-bottom: 1px solid var(--jp-border-color2, var(--mc-frame));
}

.mc-search input {
  flex: 1 1 auto;
  box-sizing: border-box;
  min-width: 0;
  height: 24px;
  padding: 0 8px;
  border: 1px solid var(--mc-line);
  border-radius: 4px;
  background: var(--mc-background);
  color: inherit;
  font: inherit;
}

.mc-found {
  min-width: 40px;
  color: var(--mc-muted);
  font-size: var(--mc-small-size);
  text-align: right;
  white-space: nowrap;
}

.mc-main {
  display: flex;
  flex: 1 1 auto;
  flex-direction: column;
  min-height: 0;
}

.mc-scene {
  position: relative;
  flex: 1 1 auto;
  min-width: 0;
  min-height: 80px;
}

.mc-surface {
  position: absolute;
  inset: 0;
  width: 100%;
  height: 100%;
  cursor: grab;
  outline: none;
  touch-action: none;
  user-select: none;
}

.mc-surface:focus-visible {
  outline: 2px solid var(--mc-forward);
  outline-offset: -2px;
}

.mc-dragging {
  cursor: grabbing;
}

.mc-foot {
  display: flex;
  flex-wrap: wrap;
  gap: 0 8px;
  align-items: center;
  justify-content: space-between;
  min-height: 16px;
  padding: 4px 12px;
  border-top: 1px solid var(--jp-border-color2, var(--mc-frame));
  color: var(--mc-muted);
  font-size: var(--mc-small-size);
}

.mc-status {
  overflow-wrap: anywhere;
}

.mc-alarm {
  color: var(--mc-nan);
}

.mc-heatscale {
  display: inline-flex;
  flex: none;
  gap: 1px;
  align-items: center;
  color: var(--mc-backward);
  white-space: pre;
}

.mc-heatstep {
  width: 10px;
  height: 10px;
}

.mc-heatscale .mc-heatstep:first-of-type {
  margin-left: 4px;
}

.mc-heatscale .mc-heatstep:last-of-type {
  margin-right: 4px;
}

.mc-live {
  position: absolute;
  overflow: hidden;
  width: 1px;
  height: 1px;
  clip-path: inset(50%);
  white-space: nowrap;
}

/* ---- boxes ---- */

.mc-graph text {
  fill: var(--mc-ink);
  font-size: var(--mc-font-size);
  pointer-events: none;
}

.mc-box {
  cursor: pointer;
}

.mc-shape,
.mc-behind {
  fill: var(--mc-leaf-fill);
  stroke: var(--mc-muted);
  stroke-width: 1;
}

.mc-inner {
  fill: none;
  stroke: var(--mc-muted);
  stroke-width: 1;
  pointer-events: none;
}

.mc-function > .mc-shape,
.mc-folded > .mc-shape,
.mc-function > .mc-behind,
.mc-folded > .mc-behind {
  fill: var(--mc-forward-fill);
  stroke: var(--mc-forward);
}

.mc-behind {
  fill: none;
}

.mc-kept {
  fill: var(--mc-forward);
  pointer-events: none;
}

.mc-graph .mc-middle {
  text-anchor: middle;
}

.mc-folded > .mc-name,
.mc-symbol {
  font-weight: 600;
}

.mc-graph .mc-leafname {
  font-size: var(--mc-small-size);
  text-anchor: middle;
}

.mc-graph .mc-detail,
.mc-graph .mc-times,
.mc-graph .mc-size {
  fill: var(--mc-muted);
  font-size: var(--mc-small-size);
}

.mc-graph .mc-size {
  paint-order: stroke;
  stroke: var(--mc-background);
  stroke-linejoin: round;
  stroke-width: 4;
  text-anchor: middle;
}

.mc-graph .mc-times {
  text-anchor: middle;
}

.mc-graph .mc-gradient {
  font-size: var(--mc-small-size);
  text-anchor: end;
}

.mc-gathered > rect {
  fill: var(--mc-background);
  stroke: var(--mc-backward);
}

.mc-graph .mc-gathered > text {
  fill: var(--mc-backward);
  font-size: var(--mc-small-size);
  font-weight: 600;
  text-anchor: middle;
}

.mc-graph .mc-updated {
  font-weight: 700;
  text-anchor: middle;
}

.mc-heat0 {
  --mc-heat: var(--mc-heat0);
  --mc-heat-ink: var(--mc-heat-ink0);
}

.mc-heat1 {
  --mc-heat: var(--mc-heat1);
  --mc-heat-ink: var(--mc-heat-ink1);
}

.mc-heat2 {
  --mc-heat: var(--mc-heat2);
  --mc-heat-ink: var(--mc-heat-ink2);
}

.mc-heat3 {
  --mc-heat: var(--mc-heat3);
  --mc-heat-ink: var(--mc-heat-ink3);
}

.mc-heat4 {
  --mc-heat: var(--mc-heat4);
  --mc-heat-ink: var(--mc-heat-ink4);
}

.mc-heatstep {
  background: var(--mc-heat);
}

.mc-lit > .mc-shape {
  fill: var(--mc-heat);
  stroke: var(--mc-backward);
}

.mc-graph .mc-lit > .mc-inner,
.mc-graph .mc-lit > .mc-behind {
  stroke: var(--mc-backward);
}

.mc-lit > .mc-kept {
  fill: var(--mc-heat-ink);
}

.mc-graph .mc-lit > text:not(.mc-size),
.mc-graph .mc-lit > .mc-leafname > .mc-detail {
  fill: var(--mc-heat-ink);
}

.mc-released > .mc-shape {
  fill: var(--mc-background);
  stroke-dasharray: 2 3;
}

.mc-released.mc-lit > .mc-shape {
  fill: color-mix(in srgb, var(--mc-heat) 45%, var(--mc-background));
}

.mc-graph .mc-released > text:not(.mc-size) {
  fill: var(--mc-muted);
}

.mc-graph .mc-released.mc-lit > text:not(.mc-size) {
  fill: var(--mc-ink);
}

.mc-bad > .mc-shape,
.mc-failed > .mc-shape {
  fill: var(--mc-nan-fill);
  stroke: var(--mc-nan);
  stroke-width: 2;
}

.mc-graph .mc-bad > text:not(.mc-size),
.mc-graph .mc-failed > text:not(.mc-size) {
  fill: var(--mc-ink);
}

.mc-failed > .mc-shape {
  stroke-dasharray: 5 3;
}

.mc-cross > circle {
  fill: var(--mc-nan);
}

.mc-cross > path {
  fill: none;
  stroke: var(--mc-background);
  stroke-linecap: round;
  stroke-width: 2;
}

.mc-chip > .mc-shape {
  stroke-dasharray: 3 2;
}

.mc-box:hover > .mc-shape {
  stroke-width: 2;
}

.mc-surface:focus-visible .mc-current > .mc-shape,
.mc-seeking .mc-current > .mc-shape {
  stroke: var(--mc-ink);
  stroke-width: 2;
}

.mc-selected > .mc-shape {
  stroke: var(--mc-ink);
  stroke-width: 2.5;
}

.mc-seeking .mc-box:not(.mc-match),
.mc-seeking .mc-line {
  opacity: 0.3;
}

.mc-match > .mc-shape {
  stroke-width: 2.5;
}

/* ---- lines and frames ---- */

.mc-line {
  fill: none;
  stroke: var(--mc-line);
  stroke-linecap: round;
  stroke-linejoin: round;
  stroke-width: 1.25;
  pointer-events: none;
}

.mc-nograd {
  stroke-width: 1;
}

.mc-line.mc-reuse {
  stroke-dasharray: 3 3;
}

.mc-line.mc-back {
  stroke-dasharray: 5 3;
}

.mc-near {
  stroke: var(--mc-ink);
  stroke-width: 2;
}

.mc-frame-shape {
  fill: var(--mc-frame-fill);
  stroke: var(--mc-frame);
}

.mc-depth1 > .mc-frame-shape {
  fill: var(--mc-background);
}

.mc-graph .mc-frame > text {
  fill: var(--mc-muted);
  font-size: var(--mc-small-size);
}

.mc-graph .mc-path {
  fill: var(--mc-ink);
  font-weight: 600;
}

.mc-graph .mc-count {
  cursor: pointer;
  fill: var(--mc-forward);
  font-weight: 600;
  pointer-events: auto;
}

.mc-hit {
  cursor: pointer;
  fill: transparent;
}

.mc-far text {
  display: none;
}

.mc-example .mc-surface {
  bottom: 172px;
  height: calc(100% - 172px);
  opacity: 0.8;
}

/* JupyterLab has a rule of its own for every <pre>. */
.mc-graph .mc-code {
  position: absolute;
  inset: auto 0 0;
  overflow: auto;
  box-sizing: border-box;
  height: 172px;
  margin: 0;
  padding: 12px 8px;
  border-top: 1px solid var(--jp-border-color2, var(--mc-frame));
  background: var(--mc-frame-fill);
  color: var(--mc-ink);
  font-family: var(--mc-mono);
  font-size: var(--mc-small-size);
  line-height: 1.6;
}

.mc-graph:not(.mc-example) .mc-code {
  display: none;
}

/* ---- details ---- */

.mc-card {
  flex: none;
  box-sizing: border-box;
  overflow: auto;
  max-height: 46%;
  padding: 8px 12px;
  border-top: 1px solid var(--jp-border-color1, var(--mc-line));
}

.mc-card > header {
  display: flex;
  align-items: center;
  justify-content: space-between;
}

.mc-card h3 {
  overflow-wrap: anywhere;
  margin: 0;
  color: inherit;
  font-size: 13px;
  font-weight: 600;
}

.mc-close {
  flex: none;
  width: 24px;
  height: 24px;
  border: 0;
  border-radius: 4px;
  background: none;
  color: inherit;
  cursor: pointer;
  font: inherit;
}

.mc-close:hover {
  background: var(--mc-hover);
}

.mc-actions {
  display: flex;
  flex-wrap: wrap;
  gap: 4px;
  margin: 4px 0 8px;
}

.mc-ask,
.mc-link {
  padding: 2px 8px;
  border: 1px solid var(--mc-line);
  border-radius: 4px;
  background: none;
  color: inherit;
  cursor: pointer;
  font: inherit;
  font-size: var(--mc-small-size);
}

.mc-ask:hover,
.mc-link:hover {
  background: var(--mc-hover);
}

.mc-links {
  display: flex;
  flex-wrap: wrap;
  gap: 4px;
}

.mc-link {
  padding: 0 4px;
}

.mc-card dl {
  display: grid;
  grid-template-columns: fit-content(40%) minmax(0, 1fr);
  gap: 4px 12px;
  margin: 0;
}

.mc-card dl > * {
  float: none;
  width: auto;
}

.mc-card dt {
  color: var(--mc-muted);
  font-weight: 400;
}

.mc-card dd {
  overflow-wrap: anywhere;
  margin: 0;
}

.mc-card code,
.mc-card pre {
  overflow-wrap: anywhere;
  margin: 0;
  padding: 0;
  background: none;
  color: inherit;
  font-family: var(--mc-mono);
  font-size: var(--mc-small-size);
  white-space: pre-wrap;
}

.mc-card dd > div > code {
  display: block;
}

.mc-answers {
  margin-bottom: 8px;
}

.mc-answers:empty {
  display: none;
}

.mc-histogram {
  display: block;
  width: 100%;
  max-width: 280px;
  border-bottom: 1px solid var(--mc-line);
}

.mc-histogram rect {
  fill: var(--mc-forward);
}

.mc-scale {
  display: flex;
  justify-content: space-between;
  max-width: 280px;
  color: var(--mc-muted);
  font-size: var(--mc-small-size);
}

/* ---- legend ---- */

.mc-legend {
  position: absolute;
  inset: 0 0 auto;
  box-sizing: border-box;
  overflow: auto;
  max-height: 100%;
  padding: 8px 12px;
  border-bottom: 1px solid var(--mc-line);
  background: var(--mc-background);
  font-size: var(--mc-small-size);
}

.mc-legend-rows {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(200px, 1fr));
}

.mc-legend-row {
  display: flex;
  gap: 8px;
  align-items: center;
}

.mc-swatch {
  flex: none;
  width: 66px;
}

.mc-sign {
  box-sizing: border-box;
  padding: 4px 0;
  color: var(--mc-forward);
  font-size: 13px;
  font-weight: 700;
  text-align: center;
}

.mc-legend p {
  margin: 4px 0 0;
  color: var(--mc-muted);
}

@container (min-width: 560px) {
  .mc-main {
    flex-direction: row;
  }

  .mc-card {
    width: 280px;
    max-height: none;
    border-top: 0;
    border-left: 1px solid var(--jp-border-color1, var(--mc-line));
  }

  /* In a cell there is room for the code of the example beside its picture. */
  .mc-graph.mc-example .mc-surface {
    inset: 0 0 0 auto;
    width: calc(100% - 260px);
    height: 100%;
  }

  .mc-graph .mc-code {
    inset: 0 auto 0 0;
    width: 260px;
    height: auto;
    border-top: 0;
    border-right: 1px solid var(--jp-border-color2, var(--mc-frame));
  }
}

/* A table and a card side by side want more room than a picture and a card. */
@container (min-width: 560px) and (max-width: 859px) {
  .mc-main:has(.mc-table-view:not([hidden])) {
    flex-direction: column;
  }

  .mc-main:has(.mc-table-view:not([hidden])) .mc-card {
    width: auto;
    max-height: 46%;
    border-top: 1px solid var(--jp-border-color1, var(--mc-line));
    border-left: 0;
  }
}

/* ---- motion ---- */

@media (prefers-reduced-motion: no-preference) {
  .mc-new {
    animation: mc-appear 160ms ease-out;
  }

  .mc-settling .mc-box,
  .mc-settling .mc-frame {
    transition: transform 180ms ease-out;
  }

  .mc-lit > .mc-shape {
    animation: mc-light 160ms ease-out;
  }
}

@keyframes mc-appear {
  from {
    opacity: 0;
  }
}

/* Not the colour: from a plain one to a color-mix() Chromium goes wrong, through bright red. */
@keyframes mc-light {
  from {
    fill-opacity: 0;
  }
}

/* ---- replay, comparison, table, files ---- */

.mc-replay input {
  padding: 0;
  border: 0;
  accent-color: var(--mc-forward);
}

.mc-replay .mc-found {
  overflow: hidden;
  width: 42%;
  text-align: left;
  text-overflow: ellipsis;
}

.mc-unborn {
  opacity: 0.12;
}

.mc-different > .mc-shape {
  stroke-dasharray: 6 2;
  stroke-width: 2.5;
}

.mc-differs > circle {
  fill: var(--mc-background);
  stroke: var(--mc-ink);
}

.mc-graph .mc-differs > text {
  font-weight: 700;
}

.mc-compared {
  overflow: auto;
  flex: none;
  max-height: 96px;
  padding: 4px 12px;
  border-bottom: 1px solid var(--jp-border-color2, var(--mc-frame));
  color: var(--mc-muted);
  font-size: var(--mc-small-size);
}

.mc-compared p,
.mc-compared ul {
  margin: 0;
  padding: 0;
}

.mc-compared li {
  overflow-wrap: anywhere;
  color: var(--mc-ink);
  font-family: var(--mc-mono);
  list-style: none;
}

.mc-table-view {
  position: absolute;
  inset: 0;
  overflow: auto;
  background: var(--mc-background);
}

.mc-table-view table {
  width: 100%;
  border-collapse: collapse;
  color: inherit;
  font-size: var(--mc-small-size);
}

.mc-table-view caption {
  padding: 4px 8px;
  color: var(--mc-muted);
  text-align: left;
}

.mc-table-view :is(th, td) {
  padding: 2px 8px;
  border-bottom: 1px solid var(--jp-border-color2, var(--mc-frame));
  background: none;
  font-weight: 400;
  text-align: left;
  vertical-align: top;
  white-space: nowrap;
}

.mc-table-view thead th {
  position: sticky;
  top: 0;
  background: var(--mc-frame-fill);
  font-weight: 600;
}
`,""]),r.d(o,{},{A:s})},"./node_modules/css-loader/dist/cjs.js!./style/index.css"(e,o,r){var a=r("./node_modules/css-loader/dist/runtime/noSourceMaps.js"),t=r.n(a),i=r("./node_modules/css-loader/dist/runtime/api.js"),n=r.n(i),c=r("./node_modules/css-loader/dist/cjs.js!./style/graph.css"),s=r("./node_modules/css-loader/dist/cjs.js!./style/lab.css"),m=r("./node_modules/css-loader/dist/cjs.js!./style/board.css"),l=r("./node_modules/css-loader/dist/cjs.js!./style/lessons.css"),d=r("./node_modules/css-loader/dist/cjs.js!./style/mime.css"),p=n()(t());p.i(c.A),p.i(s.A),p.i(m.A),p.i(l.A),p.i(d.A),p.push([e.id,`
`,""]),r.d(o,{},{A:p})},"./node_modules/css-loader/dist/cjs.js!./style/lab.css"(e,o,r){var a=r("./node_modules/css-loader/dist/runtime/noSourceMaps.js"),t=r.n(a),i=r("./node_modules/css-loader/dist/runtime/api.js"),n=(r.n(i))()(t());n.push([e.id,`/* The docked live graph panel of JupyterLab. */
.mc-LivePanel {
  display: flex;
  flex-direction: column;
  min-height: 120px;
  overflow: hidden;
  color: var(--jp-ui-font-color1);
  background: var(--jp-layout-color1);
  font-family: var(--jp-ui-font-family);
  font-size: var(--jp-ui-font-size1);
}

/* A graph needs more room than the 250 px that the side bar would give it. */
#jp-right-stack > #minichain-live-graph {
  min-width: clamp(250px, 27vw, 480px);
}

.mc-LivePanel-heading {
  flex: 1 1 auto;
  min-width: 0;
  padding: 4px 8px;
  overflow: hidden;
  color: var(--jp-ui-font-color2);
  font-size: var(--jp-ui-font-size0);
  text-overflow: ellipsis;
  white-space: nowrap;
}

.mc-LivePanel-stage {
  position: relative;
  flex: 1 1 auto;
  min-height: 0;
}

.mc-LivePanel-picture {
  position: absolute;
  inset: 0;
}

.mc-LivePanel-picture[hidden] {
  display: none;
}

.mc-LivePanel-top {
  display: flex;
  flex: none;
  align-items: center;
  gap: 4px;
  padding-right: 4px;
  border-bottom: var(--jp-border-width) solid var(--jp-border-color2);
}

.mc-LivePanel-picker {
  flex: none;
  max-width: 50%;
  height: 22px;
  border: var(--jp-border-width) solid var(--jp-border-color2);
  border-radius: var(--jp-border-radius);
  color: inherit;
  background: var(--jp-layout-color1);
  font-size: max(11px, var(--jp-ui-font-size0));
}

.mc-LivePanel-picker[hidden] {
  display: none;
}

.mc-LivePanel-detach {
  flex: none;
  width: 22px;
  height: 22px;
  padding: 0;
  border: none;
  border-radius: var(--jp-border-radius);
  color: var(--jp-ui-font-color2);
  background: none;
  cursor: pointer;
}

.mc-LivePanel-detach:hover,
.mc-Mode button:hover {
  background: var(--jp-layout-color2);
}

.mc-Mode-row {
  display: flex;
  gap: 2px;
  align-items: center;
  height: 100%;
}

.mc-Mode button {
  height: 22px;
  padding: 0 6px;
  border: none;
  border-radius: var(--jp-border-radius);
  color: var(--jp-ui-font-color1);
  background: none;
  font-family: var(--jp-ui-font-family);
  font-size: max(11px, var(--jp-ui-font-size0));
  white-space: nowrap;
  cursor: pointer;
}

.mc-Mode button[aria-pressed='false'] {
  background: var(--jp-layout-color3);
}

.mc-Mode .mc-Mode-waiting {
  opacity: 0.5;
}

.mc-ModeStatus {
  padding: 0 4px;
  line-height: 24px;
  white-space: nowrap;
}

.jp-Dialog-content:has(.mc-Dialog-text) {
  max-width: min(110ch, 95vw);
}

.jp-Dialog-body .mc-Dialog-text {
  max-height: 60vh;
  margin: 0;
  overflow: auto;
  font-size: min(var(--jp-code-font-size), 1.4vw);
  white-space: pre-wrap;
}

/* There is a first graph to look at. */
.lm-TabBar-tab.mc-LivePanel-news .lm-TabBar-tabIcon {
  position: relative;
}

.lm-TabBar-tab.mc-LivePanel-news .lm-TabBar-tabIcon::after {
  content: '';
  position: absolute;
  top: -4px;
  right: -4px;
  width: 8px;
  height: 8px;
  border-radius: 50%;
  background: var(--jp-brand-color1);
}

/* What a widget has left in a notebook that is opened without a kernel. */
.mc-last-picture {
  max-width: 100%;
  height: auto;
}
`,""]),r.d(o,{},{A:n})},"./node_modules/css-loader/dist/cjs.js!./style/lessons.css"(e,o,r){var a=r("./node_modules/css-loader/dist/runtime/noSourceMaps.js"),t=r.n(a),i=r("./node_modules/css-loader/dist/runtime/api.js"),n=(r.n(i))()(t());n.push([e.id,`/* The lessons panel of JupyterLab, and the tabs of lessons. */
.mc-Lessons {
  padding: 8px 12px 16px;
  overflow: auto;
  color: var(--jp-ui-font-color1);
  background: var(--jp-layout-color1);
  font-family: var(--jp-ui-font-family);
  font-size: var(--jp-ui-font-size1);
  line-height: 1.45;
}

.mc-Lessons h2,
.mc-Lessons h3 {
  margin: 0;
  font-size: var(--jp-ui-font-size2);
  font-weight: 600;
}

.mc-Lessons h3 {
  font-size: var(--jp-ui-font-size1);
}

.mc-Lessons p {
  margin: 4px 0;
}

.mc-Lessons-header p,
.mc-Lessons-question,
.mc-Lessons-facts,
.mc-Lessons-progress,
.mc-Lessons-later,
.mc-Lessons-goOn span {
  color: var(--jp-ui-font-color2);
}

.mc-Lessons-facts,
.mc-Lessons-progress,
.mc-Lessons-later,
.mc-Lessons-goOn span {
  font-size: max(11px, var(--jp-ui-font-size0));
}

.mc-Lessons-goOn {
  display: flex;
  flex-direction: column;
  gap: 4px;
  margin: 8px 0 12px;
}

.mc-Lessons button {
  font-family: inherit;
  font-size: inherit;
  text-align: start;
  cursor: pointer;
}

.mc-Lessons button:focus-visible {
  outline: 2px solid var(--jp-brand-color1);
  outline-offset: 1px;
}

.mc-Lessons-primary {
  padding: 8px 12px;
  border: none;
  border-radius: var(--jp-border-radius);
  color: #ffffff;
  background: #0072b2;
  font-weight: 600;
}

.mc-Lessons-primary:hover {
  background: #005a8d;
}

.mc-Lessons-list {
  margin: 0;
  padding: 0;
  list-style: none;
}

.mc-Lessons-card {
  padding: 8px 0;
  border-top: var(--jp-border-width) solid var(--jp-border-color2);
}

.mc-Lessons-line {
  display: flex;
  align-items: baseline;
  justify-content: space-between;
  gap: 8px;
}

.mc-Lessons-title {
  padding: 0;
  border: none;
  color: var(--jp-content-link-color, #0068a4);
  background: none;
  font-weight: 600;
}

.mc-Lessons-title:hover {
  text-decoration: underline;
}

.mc-Lessons-done {
  color: var(--jp-success-color1, #1b7c3d);
  font-weight: 700;
}

.mc-Lessons-progress {
  display: flex;
  align-items: center;
  gap: 8px;
}

.mc-Lessons-track {
  display: inline-block;
  flex: none;
  width: 72px;
  height: 6px;
  border-radius: 3px;
  background: var(--jp-border-color2);
}

.mc-Lessons-track > span {
  display: block;
  height: 100%;
  border-radius: 3px;
  background: #0072b2;
}

[data-jp-theme-light='false'] .mc-Lessons-track > span {
  background: #56b4e9;
}

.mc-Lessons-actions {
  display: flex;
  flex-wrap: wrap;
  gap: 4px;
}

.mc-Lessons-actions:empty {
  display: none;
}

.mc-Lessons-button {
  padding: 2px 8px;
  border: var(--jp-border-width) solid var(--jp-border-color1);
  border-radius: var(--jp-border-radius);
  color: var(--jp-ui-font-color1);
  background: var(--jp-layout-color1);
}

.mc-Lessons-button:hover {
  background: var(--jp-layout-color2);
}

.mc-Lessons-later {
  margin-top: 8px;
  padding-top: 8px;
  border-top: var(--jp-border-width) solid var(--jp-border-color2);
}

.mc-Lessons-later summary {
  cursor: pointer;
}

.mc-Lessons-later ul {
  margin: 4px 0;
  padding-left: 16px;
}

.mc-Lessons-teacher {
  margin-top: 12px;
  padding-top: 8px;
  border-top: var(--jp-border-width) solid var(--jp-border-color2);
}

/* The original and the student's copy have the same name: a word behind it tells them apart. */
.lm-TabBar-tab[data-minichain-original] .lm-TabBar-tabCloseIcon {
  order: 2;
}

.lm-TabBar-tab[data-minichain-original]::after {
  content: attr(data-minichain-original);
  order: 1;
  margin-left: 4px;
  color: var(--jp-ui-font-color2);
  font-style: italic;
}
`,""]),r.d(o,{},{A:n})},"./node_modules/css-loader/dist/cjs.js!./style/mime.css"(e,o,r){var a=r("./node_modules/css-loader/dist/runtime/noSourceMaps.js"),t=r.n(a),i=r("./node_modules/css-loader/dist/runtime/api.js"),n=(r.n(i))()(t());n.push([e.id,`/* Stored graphs and explained errors, in outputs and documents. */
.mc-Stored {
  position: relative;
  height: 360px;
}

.jp-MimeDocument .mc-Rendered,
.jp-MimeDocument .mc-Stored {
  height: 100%;
}

.mc-Stored-problem {
  padding: 8px 12px;
  border-left: 4px solid var(--jp-warn-color1, #e69f00);
  font-size: var(--jp-ui-font-size1);
}

.mc-Explain.mc-kit {
  max-width: 44em;
  margin: 4px 0;
  padding: 8px 12px;
  border: none;
  border-left: 4px solid var(--mc-backward);
  border-radius: 0;
  color: var(--mc-ink);
  background: none;
  font-family: var(--jp-ui-font-family);
  font-size: var(--jp-ui-font-size1);
  line-height: 1.45;
}

.mc-Explain h4 {
  margin: 0 0 4px;
  font-size: inherit;
  font-weight: 600;
}

.mc-Explain dl {
  display: grid;
  grid-template-columns: max-content 1fr;
  gap: 2px 12px;
  margin: 0 0 8px;
}

@container (max-width: 260px) {
  .mc-Explain dl {
    grid-template-columns: 1fr;
  }
}

.mc-Explain dt {
  float: none;
  width: auto;
  white-space: nowrap;
  color: var(--mc-muted);
}

.mc-Explain dd {
  margin: 0;
  overflow-wrap: anywhere;
}

.mc-Explain-show {
  padding: 2px 8px;
  border: 1px solid var(--mc-line);
  border-radius: 2px;
  color: var(--mc-ink);
  background: none;
  font: inherit;
  cursor: pointer;
}

.mc-Explain-show:hover {
  background: var(--mc-hover);
}
`,""]),r.d(o,{},{A:n})},"./node_modules/css-loader/dist/cjs.js!./style/tokens.css"(e,o,r){var a=r("./node_modules/css-loader/dist/runtime/noSourceMaps.js"),t=r.n(a),i=r("./node_modules/css-loader/dist/runtime/api.js"),n=(r.n(i))()(t());n.push([e.id,`/* What all pictures and widgets share. The colours are those of src/graph/look.json; a test
   compares them. */
:is(.mc-graph, .mc-kit) {
  --mc-background: var(--jp-layout-color1, #ffffff);
  --mc-ink: var(--jp-ui-font-color1, #1f1f1f);
  --mc-muted: #616161;
  --mc-line: #8a8a8a;
  --mc-forward: #0072b2;
  --mc-forward-fill: #e6f1f8;
  --mc-backward: #b34a00;
  --mc-nan: #b00020;
  --mc-nan-fill: #fde7ea;
  --mc-frame: #c4c4c4;
  --mc-frame-fill: #f4f5f6;
  --mc-leaf-fill: #ffffff;
  --mc-heat0: #fbebdd;
  --mc-heat1: #f7d2ae;
  --mc-heat2: #f2b67b;
  --mc-heat3: #ec9a48;
  --mc-heat4: #e07b1a;
  --mc-heat-ink0: #1f1f1f;
  --mc-heat-ink1: #1f1f1f;
  --mc-heat-ink2: #1f1f1f;
  --mc-heat-ink3: #1f1f1f;
  --mc-heat-ink4: #1f1f1f;
  --mc-font-size: 12px;
  --mc-small-size: 11px;
  --mc-hover: var(--jp-layout-color2, #eeeeee);
  --mc-mono: var(--jp-code-font-family, ui-monospace, 'DejaVu Sans Mono', monospace);
}

[data-jp-theme-light='false'] :is(.mc-graph, .mc-kit) {
  --mc-background: var(--jp-layout-color1, #212121);
  --mc-ink: var(--jp-ui-font-color1, #e8e8e8);
  --mc-muted: #b4b4b4;
  --mc-line: #8f8f8f;
  --mc-forward: #56b4e9;
  --mc-forward-fill: #1c3644;
  --mc-backward: #f0a030;
  --mc-nan: #ff8095;
  --mc-nan-fill: #4a1f27;
  --mc-frame: #565656;
  --mc-frame-fill: #2a2b2d;
  --mc-leaf-fill: #212121;
  --mc-heat0: #3d2c1a;
  --mc-heat1: #5e3f16;
  --mc-heat2: #83550f;
  --mc-heat3: #c8860f;
  --mc-heat4: #f0a830;
  --mc-heat-ink0: #e8e8e8;
  --mc-heat-ink1: #e8e8e8;
  --mc-heat-ink2: #ffffff;
  --mc-heat-ink3: #111111;
  --mc-heat-ink4: #111111;
  --mc-hover: var(--jp-layout-color2, #333333);
}

@media (prefers-color-scheme: dark) {
  :root:not(:has([data-jp-theme-light])) :is(.mc-graph, .mc-kit) {
    --mc-background: var(--jp-layout-color1, #212121);
    --mc-ink: var(--jp-ui-font-color1, #e8e8e8);
    --mc-muted: #b4b4b4;
    --mc-line: #8f8f8f;
    --mc-forward: #56b4e9;
    --mc-forward-fill: #1c3644;
    --mc-backward: #f0a030;
    --mc-nan: #ff8095;
    --mc-nan-fill: #4a1f27;
    --mc-frame: #565656;
    --mc-frame-fill: #2a2b2d;
    --mc-leaf-fill: #212121;
    --mc-heat0: #3d2c1a;
    --mc-heat1: #5e3f16;
    --mc-heat2: #83550f;
    --mc-heat3: #c8860f;
    --mc-heat4: #f0a830;
    --mc-heat-ink0: #e8e8e8;
    --mc-heat-ink1: #e8e8e8;
    --mc-heat-ink2: #ffffff;
    --mc-heat-ink3: #111111;
    --mc-heat-ink4: #111111;
    --mc-hover: var(--jp-layout-color2, #333333);
  }
}
`,""]),r.d(o,{},{A:n})},"./node_modules/css-loader/dist/runtime/api.js"(e){e.exports=function(e){var o=[];return o.toString=function(){return this.map(function(o){var r="",a=void 0!==o[5];return o[4]&&(r+="@supports (".concat(o[4],") {")),o[2]&&(r+="@media ".concat(o[2]," {")),a&&(r+="@layer".concat(o[5].length>0?" ".concat(o[5]):""," {")),r+=e(o),a&&(r+="}"),o[2]&&(r+="}"),o[4]&&(r+="}"),r}).join("")},o.i=function(e,r,a,t,i){"string"==typeof e&&(e=[[null,e,void 0]]);var n={};if(a)for(var c=0;c<this.length;c++){var s=this[c][0];null!=s&&(n[s]=!0)}for(var m=0;m<e.length;m++){var l=[].concat(e[m]);a&&n[l[0]]||(void 0!==i&&(void 0===l[5]||(l[1]="@layer".concat(l[5].length>0?" ".concat(l[5]):""," {").concat(l[1],"}")),l[5]=i),r&&(l[2]&&(l[1]="@media ".concat(l[2]," {").concat(l[1],"}")),l[2]=r),t&&(l[4]?(l[1]="@supports (".concat(l[4],") {").concat(l[1],"}"),l[4]=t):l[4]="".concat(t)),o.push(l))}},o}},"./node_modules/css-loader/dist/runtime/noSourceMaps.js"(e){e.exports=function(e){return e[1]}},"./node_modules/style-loader/dist/runtime/injectStylesIntoStyleTag.js"(e){var o=[];function r(e){for(var r=-1,a=0;a<o.length;a++)if(o[a].identifier===e){r=a;break}return r}function a(e,a){for(var t={},i=[],n=0;n<e.length;n++){var c=e[n],s=a.base?c[0]+a.base:c[0],m=t[s]||0,l="".concat(s," ").concat(m);t[s]=m+1;var d=r(l),p={css:c[1],media:c[2],sourceMap:c[3],supports:c[4],layer:c[5]};if(-1!==d)o[d].references++,o[d].updater(p);else{var h=function(e,o){var r=o.domAPI(o);return r.update(e),function(o){o?(o.css!==e.css||o.media!==e.media||o.sourceMap!==e.sourceMap||o.supports!==e.supports||o.layer!==e.layer)&&r.update(e=o):r.remove()}}(p,a);a.byIndex=n,o.splice(n,0,{identifier:l,updater:h,references:1})}i.push(l)}return i}e.exports=function(e,t){var i=a(e=e||[],t=t||{});return function(e){e=e||[];for(var n=0;n<i.length;n++){var c=r(i[n]);o[c].references--}for(var s=a(e,t),m=0;m<i.length;m++){var l=r(i[m]);0===o[l].references&&(o[l].updater(),o.splice(l,1))}i=s}}},"./node_modules/style-loader/dist/runtime/insertBySelector.js"(e){var o={};e.exports=function(e,r){var a=function(e){if(void 0===o[e]){var r=document.querySelector(e);if(window.HTMLIFrameElement&&r instanceof window.HTMLIFrameElement)try{r=r.contentDocument.head}catch(e){r=null}o[e]=r}return o[e]}(e);if(!a)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");a.appendChild(r)}},"./node_modules/style-loader/dist/runtime/insertStyleElement.js"(e){e.exports=function(e){var o=document.createElement("style");return e.setAttributes(o,e.attributes),e.insert(o,e.options),o}},"./node_modules/style-loader/dist/runtime/setAttributesWithoutAttributes.js"(e,o,r){e.exports=function(e){var o=r.nc;o&&e.setAttribute("nonce",o)}},"./node_modules/style-loader/dist/runtime/styleDomAPI.js"(e){e.exports=function(e){if("u"<typeof document)return{update:function(){},remove:function(){}};var o=e.insertStyleElement(e);return{update:function(r){var a,t,i;a="",r.supports&&(a+="@supports (".concat(r.supports,") {")),r.media&&(a+="@media ".concat(r.media," {")),(t=void 0!==r.layer)&&(a+="@layer".concat(r.layer.length>0?" ".concat(r.layer):""," {")),a+=r.css,t&&(a+="}"),r.media&&(a+="}"),r.supports&&(a+="}"),(i=r.sourceMap)&&"u">typeof btoa&&(a+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(i))))," */")),e.styleTagTransform(a,o,e.options)},remove:function(){var e;null===(e=o).parentNode||e.parentNode.removeChild(e)}}}},"./node_modules/style-loader/dist/runtime/styleTagTransform.js"(e){e.exports=function(e,o){if(o.styleSheet)o.styleSheet.cssText=e;else{for(;o.firstChild;)o.removeChild(o.firstChild);o.appendChild(document.createTextNode(e))}}},"./style/index.js"(e,o,r){var a=r("./node_modules/style-loader/dist/runtime/injectStylesIntoStyleTag.js"),t=r.n(a),i=r("./node_modules/style-loader/dist/runtime/styleDomAPI.js"),n=r.n(i),c=r("./node_modules/style-loader/dist/runtime/insertBySelector.js"),s=r.n(c),m=r("./node_modules/style-loader/dist/runtime/setAttributesWithoutAttributes.js"),l=r.n(m),d=r("./node_modules/style-loader/dist/runtime/insertStyleElement.js"),p=r.n(d),h=r("./node_modules/style-loader/dist/runtime/styleTagTransform.js"),f=r.n(h),u=r("./node_modules/css-loader/dist/cjs.js!./style/index.css"),g={};g.styleTagTransform=f(),g.setAttributes=l(),g.insert=s().bind(null,"head"),g.domAPI=n(),g.insertStyleElement=p(),t()(u.A,g),u.A&&u.A.locals&&u.A.locals}}]);