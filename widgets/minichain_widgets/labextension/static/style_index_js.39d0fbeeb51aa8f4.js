"use strict";(self.rspackChunkminichain=self.rspackChunkminichain||[]).push([["style_index_js"],{"./node_modules/css-loader/dist/cjs.js!./style/graph.css"(e,r,a){var t=a("./node_modules/css-loader/dist/runtime/noSourceMaps.js"),o=a.n(t),c=a("./node_modules/css-loader/dist/runtime/api.js"),i=a.n(c),n=a("./node_modules/css-loader/dist/cjs.js!./style/tokens.css"),m=i()(o());m.i(n.A),m.push([e.id,`/* The graph view. */

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
  padding: 0 8px;
  border-bottom: 1px solid var(--jp-border-color2, var(--mc-frame));
}

.mc-button {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  width: 26px;
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

.mc-current > .mc-shape {
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

.mc-code {
  position: absolute;
  inset: auto 0 0;
  overflow: auto;
  box-sizing: border-box;
  height: 172px;
  margin: 0;
  padding: 12px;
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
  grid-template-columns: max-content minmax(0, 1fr);
  gap: 4px 12px;
  margin: 0;
}

.mc-card dt {
  color: var(--mc-muted);
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
  width: 62px;
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

/* Not the colour: Chromium goes wrong between a plain colour and a color-mix(), through bright red. */
@keyframes mc-light {
  from {
    fill-opacity: 0;
  }
}
`,""]),a.d(r,{},{A:m})},"./node_modules/css-loader/dist/cjs.js!./style/index.css"(e,r,a){var t=a("./node_modules/css-loader/dist/runtime/noSourceMaps.js"),o=a.n(t),c=a("./node_modules/css-loader/dist/runtime/api.js"),i=a.n(c),n=a("./node_modules/css-loader/dist/cjs.js!./style/graph.css"),m=a("./node_modules/css-loader/dist/cjs.js!./style/lab.css"),s=i()(o());s.i(n.A),s.i(m.A),s.push([e.id,`
`,""]),a.d(r,{},{A:s})},"./node_modules/css-loader/dist/cjs.js!./style/lab.css"(e,r,a){var t=a("./node_modules/css-loader/dist/runtime/noSourceMaps.js"),o=a.n(t),c=a("./node_modules/css-loader/dist/runtime/api.js"),i=(a.n(c))()(o());i.push([e.id,`/* The docked live graph panel of JupyterLab. */
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
  flex: none;
  padding: 4px 8px;
  overflow: hidden;
  border-bottom: var(--jp-border-width) solid var(--jp-border-color2);
  color: var(--jp-ui-font-color2);
  font-size: var(--jp-ui-font-size0);
  text-overflow: ellipsis;
  white-space: nowrap;
}

.mc-LivePanel-heading:empty {
  display: none;
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
`,""]),a.d(r,{},{A:i})},"./node_modules/css-loader/dist/cjs.js!./style/tokens.css"(e,r,a){var t=a("./node_modules/css-loader/dist/runtime/noSourceMaps.js"),o=a.n(t),c=a("./node_modules/css-loader/dist/runtime/api.js"),i=(a.n(c))()(o());i.push([e.id,`/* What all pictures and widgets share. The colours are those of src/graph/look.json; a test
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
`,""]),a.d(r,{},{A:i})},"./node_modules/css-loader/dist/runtime/api.js"(e){e.exports=function(e){var r=[];return r.toString=function(){return this.map(function(r){var a="",t=void 0!==r[5];return r[4]&&(a+="@supports (".concat(r[4],") {")),r[2]&&(a+="@media ".concat(r[2]," {")),t&&(a+="@layer".concat(r[5].length>0?" ".concat(r[5]):""," {")),a+=e(r),t&&(a+="}"),r[2]&&(a+="}"),r[4]&&(a+="}"),a}).join("")},r.i=function(e,a,t,o,c){"string"==typeof e&&(e=[[null,e,void 0]]);var i={};if(t)for(var n=0;n<this.length;n++){var m=this[n][0];null!=m&&(i[m]=!0)}for(var s=0;s<e.length;s++){var l=[].concat(e[s]);t&&i[l[0]]||(void 0!==c&&(void 0===l[5]||(l[1]="@layer".concat(l[5].length>0?" ".concat(l[5]):""," {").concat(l[1],"}")),l[5]=c),a&&(l[2]&&(l[1]="@media ".concat(l[2]," {").concat(l[1],"}")),l[2]=a),o&&(l[4]?(l[1]="@supports (".concat(l[4],") {").concat(l[1],"}"),l[4]=o):l[4]="".concat(o)),r.push(l))}},r}},"./node_modules/css-loader/dist/runtime/noSourceMaps.js"(e){e.exports=function(e){return e[1]}},"./node_modules/style-loader/dist/runtime/injectStylesIntoStyleTag.js"(e){var r=[];function a(e){for(var a=-1,t=0;t<r.length;t++)if(r[t].identifier===e){a=t;break}return a}function t(e,t){for(var o={},c=[],i=0;i<e.length;i++){var n=e[i],m=t.base?n[0]+t.base:n[0],s=o[m]||0,l="".concat(m," ").concat(s);o[m]=s+1;var d=a(l),p={css:n[1],media:n[2],sourceMap:n[3],supports:n[4],layer:n[5]};if(-1!==d)r[d].references++,r[d].updater(p);else{var f=function(e,r){var a=r.domAPI(r);return a.update(e),function(r){r?(r.css!==e.css||r.media!==e.media||r.sourceMap!==e.sourceMap||r.supports!==e.supports||r.layer!==e.layer)&&a.update(e=r):a.remove()}}(p,t);t.byIndex=i,r.splice(i,0,{identifier:l,updater:f,references:1})}c.push(l)}return c}e.exports=function(e,o){var c=t(e=e||[],o=o||{});return function(e){e=e||[];for(var i=0;i<c.length;i++){var n=a(c[i]);r[n].references--}for(var m=t(e,o),s=0;s<c.length;s++){var l=a(c[s]);0===r[l].references&&(r[l].updater(),r.splice(l,1))}c=m}}},"./node_modules/style-loader/dist/runtime/insertBySelector.js"(e){var r={};e.exports=function(e,a){var t=function(e){if(void 0===r[e]){var a=document.querySelector(e);if(window.HTMLIFrameElement&&a instanceof window.HTMLIFrameElement)try{a=a.contentDocument.head}catch(e){a=null}r[e]=a}return r[e]}(e);if(!t)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");t.appendChild(a)}},"./node_modules/style-loader/dist/runtime/insertStyleElement.js"(e){e.exports=function(e){var r=document.createElement("style");return e.setAttributes(r,e.attributes),e.insert(r,e.options),r}},"./node_modules/style-loader/dist/runtime/setAttributesWithoutAttributes.js"(e,r,a){e.exports=function(e){var r=a.nc;r&&e.setAttribute("nonce",r)}},"./node_modules/style-loader/dist/runtime/styleDomAPI.js"(e){e.exports=function(e){if("u"<typeof document)return{update:function(){},remove:function(){}};var r=e.insertStyleElement(e);return{update:function(a){var t,o,c;t="",a.supports&&(t+="@supports (".concat(a.supports,") {")),a.media&&(t+="@media ".concat(a.media," {")),(o=void 0!==a.layer)&&(t+="@layer".concat(a.layer.length>0?" ".concat(a.layer):""," {")),t+=a.css,o&&(t+="}"),a.media&&(t+="}"),a.supports&&(t+="}"),(c=a.sourceMap)&&"u">typeof btoa&&(t+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(c))))," */")),e.styleTagTransform(t,r,e.options)},remove:function(){var e;null===(e=r).parentNode||e.parentNode.removeChild(e)}}}},"./node_modules/style-loader/dist/runtime/styleTagTransform.js"(e){e.exports=function(e,r){if(r.styleSheet)r.styleSheet.cssText=e;else{for(;r.firstChild;)r.removeChild(r.firstChild);r.appendChild(document.createTextNode(e))}}},"./style/index.js"(e,r,a){var t=a("./node_modules/style-loader/dist/runtime/injectStylesIntoStyleTag.js"),o=a.n(t),c=a("./node_modules/style-loader/dist/runtime/styleDomAPI.js"),i=a.n(c),n=a("./node_modules/style-loader/dist/runtime/insertBySelector.js"),m=a.n(n),s=a("./node_modules/style-loader/dist/runtime/setAttributesWithoutAttributes.js"),l=a.n(s),d=a("./node_modules/style-loader/dist/runtime/insertStyleElement.js"),p=a.n(d),f=a("./node_modules/style-loader/dist/runtime/styleTagTransform.js"),h=a.n(f),u=a("./node_modules/css-loader/dist/cjs.js!./style/index.css"),v={};v.styleTagTransform=h(),v.setAttributes=l(),v.insert=m().bind(null,"head"),v.domAPI=i(),v.insertStyleElement=p(),o()(u.A,v),u.A&&u.A.locals&&u.A.locals}}]);