// telegram-test-api 4.2.1 with what python-telegram-bot 22 needs and it lacks: answers that are no null, seconds instead
// of milliseconds, `is_bot`, `chat_instance`, methods it does not know. Usage: node other_telegram.js PORT, with
// NODE_PATH naming the folder of the installed package. Prints one line of JSON once it listens.
'use strict';

const { routes } = require('telegram-test-api/lib/routes/index');
const { TelegramServer } = require('telegram-test-api/lib/telegramServer');

const HOST = '127.0.0.1';
const DAY_SECONDS = 86400;
const me = { id: 4711, is_bot: true, first_name: 'Polycool', username: 'polycool_other_bot' };
const seconds = () => Math.floor(Date.now() / 1000);
const done = (res, result) => res.sendResult({ ok: true, result });
const refused = (res, code, description) => {
  res.status(code);
  res.sendResult({ ok: false, error_code: code, description });
};

function asMessage(id, body, extra) {
  const chat = { id: Number(body.chat_id), type: 'private', first_name: 'Ann' };
  const message = { message_id: Number(id), date: seconds(), chat, from: me, ...extra };
  if (body.text !== undefined) message.text = body.text;
  if (body.reply_markup && 'inline_keyboard' in body.reply_markup) message.reply_markup = body.reply_markup;
  return message;
}

function stored(server, body) {
  return server.storage.botMessages.find(
    (kept) => String(kept.messageId) === String(body.message_id) && String(kept.message.chat_id) === String(body.chat_id),
  );
}

// Pictures come as multipart, which the package does not read; who gets them and what is below them is enough here.
function multipart(req, then) {
  const chunks = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', () => {
    const text = Buffer.concat(chunks).toString('latin1');
    const field = (name) => {
      const found = text.match(new RegExp(`name="${name}"(?:\\r\\n[^\\r\\n]+)*\\r\\n\\r\\n([\\s\\S]*?)\\r\\n--`));
      return found ? Buffer.from(found[1], 'latin1').toString('utf8') : undefined;
    };
    then(field);
  });
}

const added = (app, server) => {
  const on = (method, act) => app.all(`/bot:token/${method}`, (req, res) => act(req.body || {}, res, req));
  on('getMe', (_body, res) => done(res, me));
  on('sendMessage', (body, res, req) => {
    const sent = server.addBotMessage(body, req.params.token);
    done(res, asMessage(sent.message_id, server.storage.botMessages.at(-1).message));
  });
  on('sendPhoto', (_body, res, req) => multipart(req, (field) => {
    const markup = field('reply_markup');
    const body = { chat_id: field('chat_id'), text: field('caption') || '', photo: true };
    if (markup) body.reply_markup = markup;
    const sent = server.addBotMessage(body, req.params.token);
    const photo = [{ file_id: 'p', file_unique_id: 'p', width: 1, height: 1 }];
    const message = asMessage(sent.message_id, server.storage.botMessages.at(-1).message, { photo });
    delete message.text;
    done(res, message);
  }));
  for (const method of ['editMessageText', 'editMessageReplyMarkup']) {
    on(method, (body, res) => {
      const kept = stored(server, body);
      if (!kept) return refused(res, 400, 'Bad Request: message to edit not found');
      if (!('reply_markup' in body)) delete kept.message.reply_markup;
      server.editMessageText(body);
      return done(res, asMessage(kept.messageId, kept.message, { edit_date: seconds() }));
    });
  }
  on('deleteMessage', (body, res) => {
    const found = server.deleteMessage(Number(body.chat_id), Number(body.message_id));
    return found ? done(res, true) : refused(res, 400, 'Bad Request: message to delete not found');
  });
  on('getWebhookInfo', (_body, res) => done(res, { url: '', has_custom_certificate: false, pending_update_count: 0 }));
  for (const method of ['answerCallbackQuery', 'setMyCommands', 'sendChatAction', 'leaveChat', 'setWebhook', 'deleteWebhook']) {
    on(method, (_body, res) => done(res, true));
  }
};

const format = TelegramServer.formatUpdate.bind(TelegramServer);
TelegramServer.formatUpdate = (update) => {
  const told = format(update);
  if (told.callback_query) told.callback_query.chat_instance = String(told.callback_query.from.id);
  return told;
};

// Before the package's own, as the first that fits a path answers.
routes.unshift(added);
const port = Number(process.argv[2]);
const server = new TelegramServer({ host: HOST, port, storeTimeout: DAY_SECONDS });
server.start().then(() => console.log(JSON.stringify({ event: 'ready', port })));
