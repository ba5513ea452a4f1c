'use strict';

// Listens to the dashboard and hands on each message. A browser opens few connections to one place, so all its tabs share one, in a
// shared worker, which is this same file; where there are no shared workers, each tab has its own.
function listen(hand) {
  const source = new EventSource('events');
  source.onmessage = event => hand(JSON.parse(event.data));
  source.onerror = () => {
    hand({ state: 'lost', text: 'The dashboard does not answer: it ended, or its machine sleeps. Trying again.', parts: {} });
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => listen(hand), 2000);
    }
  };
}

if (typeof SharedWorkerGlobalScope !== 'undefined') {
  const tabs = new Set();
  let last;
  self.onconnect = event => {
    const tab = event.ports[0];
    tab.onmessage = () => tabs.delete(tab);
    tabs.add(tab);
    if (last) {
      tab.postMessage(last);
    } else if (tabs.size === 1) {
      listen(message => {
        last = { ...message, parts: { ...last?.parts, ...message.parts }, server: message.server ?? last?.server };
        tabs.forEach(each => each.postMessage(last));
      });
    }
  };
}
