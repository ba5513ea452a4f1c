'use strict';

const shown = new Map();

// Replaces a part. What is open in it stays open, what is scrolled stays there, and who has come to it by keyboard is not thrown out.
function replace(element, markup) {
  const open = [...element.querySelectorAll('details')].map(details => details.open);
  const scrolled = [...element.querySelectorAll('.scroll')].map(box => [box.scrollLeft, box.scrollTop]);
  const stops = () => [...element.querySelectorAll('summary, button, [tabindex]')];
  const stop = stops().indexOf(document.activeElement);
  element.innerHTML = markup;
  element.querySelectorAll('details').forEach((details, index) => { details.open = open[index] ?? false; });
  element.querySelectorAll('.scroll').forEach((box, index) => box.scrollTo(...(scrolled[index] ?? [0, 0])));
  stops()[stop]?.focus({ preventScroll: true });
}

// A page that nobody sees is drawn when somebody does.
let latest;
function show(message) {
  latest = message;
  if (!document.hidden) {
    draw(message);
  }
}

document.addEventListener('visibilitychange', () => { if (latest) { show(latest); } });

function draw(message) {
  for (const [id, markup] of Object.entries(message.parts)) {
    if (shown.get(id) !== markup) {
      shown.set(id, markup);
      replace(document.getElementById(id), markup);
    }
  }
  const state = document.getElementById('state');
  state.className = `state ${message.state}`;
  state.textContent = message.text;
  document.body.classList.toggle('old', message.state !== 'live');
  if (message.server) {
    document.getElementById('server').textContent = message.server;
    document.title = `${message.server} - StreamingPg live`;
  }
}

document.addEventListener('click', async event => {
  const action = event.target.dataset?.action;
  if (action) {
    event.target.disabled = true;
    const answer = await fetch(`streams/${action}`, { method: 'POST', headers: { 'X-StreamingPg': 'dashboard' } }).catch(() => null);
    await answer?.text();
    event.target.disabled = false;
    if (!answer?.ok) {
      document.getElementById('state').textContent = `That failed: ${answer ? `the dashboard answered ${answer.status}` : 'the dashboard does not answer'}.`;
    }
  }
});

if (typeof SharedWorker === 'undefined') {
  listen(show);
} else {
  const worker = new SharedWorker('feed.js');
  worker.port.onmessage = event => show(event.data);
  addEventListener('pagehide', () => worker.port.postMessage('bye'));
  addEventListener('pageshow', event => { if (event.persisted) { location.reload(); } });
}
