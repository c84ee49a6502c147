// A WebSocket client by Node's ws, for watch_test.py: prints what it hears as lines of JSON, and does
// what lines of JSON on its standard input say.
//
// usage: node watch_client.cjs URL
'use strict';

const readline = require('readline');
const WebSocket = require('ws');

const say = (what) => console.log(JSON.stringify(what));

const socket = new WebSocket(process.argv[2]);
const orders = readline.createInterface({ input: process.stdin });

socket.on('open', () => say({ open: true }));
socket.on('message', (data) => say({ text: data.toString() }));
socket.on('pong', (data) => say({ pong: data.toString() }));
socket.on('error', (error) => say({ error: error.message }));
socket.on('close', (code, reason) => {
  say({ closed: code, reason: reason.toString() });
  orders.close();
});

orders.on('line', (line) => {
  const order = JSON.parse(line);
  if ('ping' in order) socket.ping(order.ping);
  if ('send' in order) socket.send(order.send);
});
