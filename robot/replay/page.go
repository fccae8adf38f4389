package replay

import (
	"fmt"
	"io"
)

// Page writes the run as an HTML file of its own: the picture, with buttons to stop it and
// to step through it where scripts run.
func Page(w io.Writer, r Run) error {
	svg, err := draw(r)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, page, escape(r.Title), svg)
	return err
}

const page = `<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>%s</title>
<style>
body{margin:0;background:#fbfaf8;font-family:system-ui,sans-serif}
svg{display:block;max-width:100%%;height:auto;margin:0 auto}
nav{display:none;gap:.5rem;justify-content:center;align-items:center;padding:.4rem}
button,input{font:inherit}
input{width:min(50vw,30rem)}
@media(prefers-color-scheme:dark){body{background:#1b1c1f;color:#ececea}}
</style>
%s
<nav><button id="back" aria-label="one call back">◀</button><button id="play">stop</button><button id="on" aria-label="one call on">▶</button><input id="at" type="range" min="0" step="1" aria-label="call"></nav>
<script>
const svg = document.querySelector("svg"), n = +svg.dataset.frames, length = +svg.dataset.seconds;
const at = document.querySelector("#at"), play = document.querySelector("#play");
document.querySelector("nav").style.display = "flex";
at.max = n - 1;
const frame = () => Math.min(n - 1, Math.floor(svg.getCurrentTime() / length * n));
const stop = () => { svg.pauseAnimations(); play.textContent = "play"; };
const go = i => { stop(); i = Math.max(0, Math.min(n - 1, i)); svg.setCurrentTime((i + .9) / n * length); at.value = i; };
play.onclick = () => {
  if (!svg.animationsPaused()) return stop();
  if (frame() === n - 1) svg.setCurrentTime(0);
  svg.unpauseAnimations(); play.textContent = "stop";
};
document.querySelector("#back").onclick = () => go(frame() - 1);
document.querySelector("#on").onclick = () => go(frame() + 1);
at.oninput = () => go(+at.value);
setInterval(() => { at.value = frame(); if (svg.getCurrentTime() >= length && !svg.animationsPaused()) stop(); }, 100);
const asked = /^#call=(\d+)$/.exec(location.hash);
if (asked) go(+asked[1]);
else if (matchMedia("(prefers-reduced-motion: reduce)").matches) go(n - 1);
</script>
</html>
`
