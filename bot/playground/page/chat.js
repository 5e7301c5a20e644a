// The chat page. One WebSocket brings a snapshot and then events; everything shown is derived from
// `world`. Text of people and of the bot only ever becomes text nodes.

const byId = (id) => document.getElementById(id);
const ACTION_MS = 5000; // Telegram shows "typing" for five seconds
const QUERY_MS = 15000; // after this the button gives up waiting
const TOAST_MS = 3500;
const PHOTO_WIDTH = 478;
const PHOTO_HEIGHT = 420;
const MAX_RETRY_MS = 5000;
const ACTIONS = { typing: "печатает…", upload_photo: "отправляет фото…", upload_document: "отправляет файл…" };

const world = { bot: null, users: [], groups: [], messages: new Map(), commands: {} };
const view = { me: 0, chat: 0 };
const drafts = new Map(); // "user:chat" -> text
const unread = new Map(); // "user:chat" -> count
const waiting = new Map(); // button key -> timer
const queries = new Map(); // query id -> button key
const actions = new Map(); // chat id -> { text, timer }
let compose = null; // { kind: "reply" | "edit", message }
let socket = null;
let online = false;
let retryMs = 300;

// Connection

function connect() {
  socket = new WebSocket(`ws://${location.host}/live`);
  socket.onmessage = ({ data }) => receive(JSON.parse(data));
  socket.onopen = () => { retryMs = 300; };
  socket.onclose = () => {
    online = false;
    showHead();
    setTimeout(connect, retryMs);
    retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
  };
}

function ask(wish) {
  if (!online) return showToast("Нет соединения, подождите немного"), false;
  socket.send(JSON.stringify(wish));
  return true;
}

const on = {
  snapshot({ bot, users, groups, messages, commands }) {
    online = true;
    // After a lost connection the words being typed stay.
    if (view.me) drafts.set(`${view.me}:${view.chat}`, byId("input").value);
    Object.assign(world, { bot, users, groups, commands });
    world.messages = new Map(messages.map((message) => [message.message_id, message]));
    for (const key of [...waiting.keys()]) stopWaiting(key);
    queries.clear();
    const [me, chat] = location.hash.slice(1).split("/").map(Number);
    view.me = userOf(view.me || me) ? view.me || me : users[0]?.id ?? 0;
    const wanted = view.chat || chat;
    view.chat = chatsOf(view.me).includes(wanted) ? wanted : view.me;
    showAll();
  },
  message({ message }) {
    world.messages.set(message.message_id, message);
    if (message.from.is_bot) stopAction(message.chat.id);
    for (const user of world.users) {
      const seen = user.id === view.me && message.chat.id === view.chat;
      if (chatsOf(user.id).includes(message.chat.id) && !seen && message.from.id !== user.id) {
        const key = `${user.id}:${message.chat.id}`;
        unread.set(key, (unread.get(key) ?? 0) + 1);
      }
    }
    if (message.chat.id === view.chat) {
      const follow = atBottom() || message.from.id === view.me;
      appendMessage(message, "fresh");
      group();
      if (follow) toBottom();
      showComposer();
    }
    showSide();
  },
  edited({ message }) {
    world.messages.set(message.message_id, message);
    const old = messageNode(message.message_id);
    if (old) {
      const follow = atBottom();
      old.replaceWith(buildMessage(message));
      group();
      if (follow) toBottom();
    }
    showSide();
  },
  deleted({ message_id }) {
    world.messages.delete(message_id);
    messageNode(message_id)?.remove();
    if (compose?.message.message_id === message_id) setCompose(null);
    group();
    showSide();
  },
  action({ chat_id, action }) {
    stopAction(chat_id);
    const timer = setTimeout(() => { stopAction(chat_id); showHead(); }, ACTION_MS);
    actions.set(chat_id, { text: ACTIONS[action] ?? "отвечает…", timer });
    showHead();
  },
  pressed({ query_id, user_id, message_id, row, column }) {
    const key = `${user_id}:${message_id}:${row}:${column}`;
    queries.set(query_id, key);
    startWaiting(key);
  },
  answered({ query_id, user_id, text, show_alert }) {
    stopWaiting(queries.get(query_id));
    queries.delete(query_id);
    if (text && user_id === view.me) show_alert ? showAlert(text) : showToast(text);
  },
  commands({ commands }) {
    world.commands = commands;
    showComposer();
  },
  refused({ reason }) {
    showToast(`Не получилось: ${reason}`);
  },
};

function receive(event) {
  on[event.type]?.(event);
}

// What the world says

const userOf = (id) => world.users.find((user) => user.id === id);
const groupOf = (id) => world.groups.find((group) => group.id === id);
const chatsOf = (userId) =>
  [userId, ...world.groups.filter((g) => g.member_ids.includes(userId)).map((g) => g.id)];
const titleOf = (chatId) => groupOf(chatId)?.title ?? world.bot?.first_name ?? "";
const messagesOf = (chatId) =>
  [...world.messages.values()].filter((message) => message.chat.id === chatId);
const textOf = (message) => message.text ?? message.caption ?? "";
const gist = (message) => textOf(message) || message.document?.file_name || (message.photo ? "Фотография" : "");
const hasStarted = () =>
  view.chat < 0 || messagesOf(view.chat).some((message) => message.from.id === view.me);
const commandsHere = () => world.commands[view.me]?.[view.chat] ?? [];

// Building nodes

function make(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

function avatar(who, className = "") {
  const node = make("div", `avatar ${className}`);
  node.setAttribute("aria-hidden", "true");
  if (who.is_bot) node.classList.add("bot");
  else {
    node.textContent = [...(who.first_name ?? who.title)][0] ?? "";
    node.dataset.color = Math.abs(who.id) % 6;
  }
  return node;
}

const STYLE_TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};

function styled({ type, url }, covered) {
  if (STYLE_TAGS[type]) return make(STYLE_TAGS[type]);
  if (type === "spoiler") {
    const node = make("span", "spoiler");
    node.onclick = () => node.classList.add("open");
    return node;
  }
  if (type === "bot_command") {
    const node = make("a");
    node.href = "#";
    node.onclick = (event) => {
      event.preventDefault();
      send(covered);
    };
    return node;
  }
  if (type === "url" || type === "text_link") return link(url ?? covered) ?? make("span");
  return make("span");
}

function link(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  const node = make("a");
  node.href = url.href;
  node.target = "_blank";
  node.rel = "noopener noreferrer";
  return node;
}

// Offsets of Telegram count UTF-16 code units, as JavaScript does. Entities come outer first.
function fill(parent, text, entities, from = 0, to = text.length) {
  let at = from;
  const queue = entities.filter((entity) => entity.offset >= from && entity.offset < to);
  while (queue.length) {
    const entity = queue.shift();
    if (entity.offset < at) continue;
    const end = Math.min(entity.offset + entity.length, to);
    const inside = [];
    while (queue.length && queue[0].offset < end) inside.push(queue.shift());
    parent.append(text.slice(at, entity.offset));
    const node = styled(entity, text.slice(entity.offset, end));
    fill(node, text, inside, entity.offset, end);
    parent.append(node);
    at = end;
  }
  parent.append(text.slice(at, to));
}

function buildMessage(message, extra = "") {
  const own = message.from.id === view.me;
  const inGroup = message.chat.id < 0;
  const node = make("article", `message ${own ? "own" : ""} ${inGroup && !own ? "grouped" : ""} ${extra}`);
  node.dataset.id = message.message_id;
  node.dataset.from = message.from.id;
  node.dataset.day = new Date(message.date * 1000).toDateString();
  const bubble = make("div", "bubble");
  if (inGroup && !own) {
    node.append(avatar(message.from, "small"));
    const author = make("span", "author", message.from.first_name);
    if (!message.from.is_bot) author.dataset.color = message.from.id % 6;
    bubble.append(author);
  }
  if (message.reply_to_message) bubble.append(quote(message.reply_to_message));
  if (message.photo) bubble.append(photo(message));
  if (message.document) bubble.append(file(message.document));
  const text = textOf(message);
  bubble.classList.toggle("bare", Boolean(message.photo) && !text);
  if (text) {
    const body = make("span", "text");
    fill(body, text, message.entities ?? message.caption_entities ?? []);
    bubble.append(body);
  }
  const edited = message.edit_date && !message.from.is_bot ? "изменено " : "";
  bubble.append(make("span", "time", edited + clock(message.date)));
  bubble.ondblclick = () => setCompose({ kind: "reply", message });
  const column = make("div", "column", bubble);
  if (message.reply_markup) column.append(keyboard(message));
  node.append(column);
  return node;
}

function quote(message) {
  return make("span", "quote", make("b", "", message.from.first_name), make("span", "", gist(message)));
}

function photo(message) {
  const { file_id, width, height } = message.photo.at(-1);
  const scale = Math.min(1, PHOTO_WIDTH / width, PHOTO_HEIGHT / height);
  const image = make("img");
  // With its size known beforehand a picture moves nothing when it arrives.
  Object.assign(image, {
    src: `/photo/${encodeURIComponent(file_id)}`,
    width: Math.round(width * scale),
    height: Math.round(height * scale),
    alt: "Фотография",
  });
  const button = make("button", "photo", image);
  button.type = "button";
  button.onclick = () => {
    byId("lightbox-image").src = image.src;
    byId("lightbox").showModal();
  };
  return button;
}

function file({ file_id, file_name, file_size }) {
  const size = file_size < 1024 ? `${file_size} Б` : `${(file_size / 1024).toFixed(1).replace(".", ",")} КБ`;
  const about = make("span", "", make("b", "", file_name), make("span", "file-size", `${size} · скачать`));
  const node = make("a", "file", make("span", "file-icon", "📄"), about);
  node.href = `/document/${encodeURIComponent(file_id)}`;
  node.download = file_name;
  return node;
}

function keyboard(message) {
  const node = make("div", "keyboard");
  message.reply_markup.inline_keyboard.forEach((buttons, row) => {
    const line = make("div", "keyboard-row");
    buttons.forEach((button, column) => line.append(key(message, button, row, column)));
    node.append(line);
  });
  return node;
}

function key(message, button, row, column) {
  if (button.url) {
    const node = link(button.url) ?? make("span");
    node.className = "key outward";
    node.textContent = button.text;
    return node;
  }
  const node = make("button", "key", button.text);
  node.type = "button";
  node.title = button.text;
  const name = `${view.me}:${message.message_id}:${row}:${column}`;
  node.dataset.key = name;
  node.classList.toggle("loading", waiting.has(name));
  node.onclick = () => press(message, button, row, column, name);
  return node;
}

const clock = (seconds) =>
  new Date(seconds * 1000).toLocaleTimeString("ru", { hour: "2-digit", minute: "2-digit" });

function dayTitle(day) {
  const date = new Date(day);
  const days = Math.round((new Date(new Date().toDateString()) - date) / 86400000);
  if (days === 0) return "Сегодня";
  if (days === 1) return "Вчера";
  return date.toLocaleDateString("ru", { day: "numeric", month: "long" });
}

// Showing

function showAll() {
  history.replaceState(null, "", `#${view.me}/${view.chat}`);
  unread.delete(`${view.me}:${view.chat}`);
  setCompose(null);
  showSide();
  showHead();
  showMessages();
  showComposer();
  const input = byId("input");
  input.value = drafts.get(`${view.me}:${view.chat}`) ?? "";
  resize();
  if (matchMedia("(hover: hover)").matches) input.focus();
}

function row(selected, picture, name, tag, line, count, choose) {
  const label = make("span", "row-name", make("span", "", name));
  if (tag) label.append(make("span", "tag", tag));
  const node = make("button", "row", picture, make("span", "", label, make("span", "row-line", line)));
  if (count) node.append(make("span", "unread", String(count)));
  node.type = "button";
  node.setAttribute("role", "tab");
  node.setAttribute("aria-selected", String(selected));
  node.onclick = choose;
  return node;
}

function showSide() {
  byId("people").replaceChildren(...world.users.map((user) => {
    const count = chatsOf(user.id).reduce((sum, chat) => sum + (unread.get(`${user.id}:${chat}`) ?? 0), 0);
    const line = user.language_code === "ru" ? "по-русски" : `язык: ${user.language_code}`;
    const others = user.id === view.me ? 0 : count;
    return row(user.id === view.me, avatar(user), user.first_name, user.is_admin && "админ",
      line, others, () => open(user.id, view.chat < 0 ? view.chat : user.id));
  }));
  byId("chats").replaceChildren(...chatsOf(view.me).map((chatId) => {
    const picture = chatId < 0 ? avatar(groupOf(chatId)) : avatar(world.bot);
    const last = messagesOf(chatId).at(-1);
    const author = last && (last.from.id === view.me ? "Вы: " : chatId < 0 ? `${last.from.first_name}: ` : "");
    const line = last ? author + gist(last).split("\n")[0] : "пока пусто";
    return row(chatId === view.chat, picture, titleOf(chatId), chatId < 0 ? "" : "бот",
      line, unread.get(`${view.me}:${chatId}`), () => open(view.me, chatId));
  }));
}

function showHead() {
  const status = byId("head-status");
  const action = actions.get(view.chat);
  byId("head-title").textContent = titleOf(view.chat);
  document.title = `${titleOf(view.chat) || "Имярек"}: площадка`;
  if (world.bot) {
    const picture = view.chat < 0 ? avatar(groupOf(view.chat)) : avatar(world.bot);
    picture.id = "head-avatar";
    byId("head-avatar").replaceWith(picture);
  }
  const people = (groupOf(view.chat)?.member_ids.length ?? 0) + 1;
  if (!online) status.textContent = "соединение…";
  else if (action) status.textContent = view.chat < 0 ? `${world.bot.first_name} ${action.text}` : action.text;
  else status.textContent = view.chat < 0 ? `участников: ${people}` : `бот · @${world.bot.username}`;
  status.classList.toggle("lively", online && Boolean(action));
}

function showMessages() {
  byId("messages").replaceChildren();
  messagesOf(view.chat).forEach((message) => appendMessage(message));
  group();
  toBottom();
}

function appendMessage(message, extra = "") {
  byId("messages").append(buildMessage(message, extra));
}

const messageNode = (id) => byId("messages").querySelector(`[data-id="${Number(id)}"]`);

// Day titles, and which messages of one person stand together.
function group() {
  const box = byId("messages");
  box.querySelectorAll(".day, .empty").forEach((node) => node.remove());
  const nodes = [...box.children];
  nodes.forEach((node, index) => {
    const before = nodes[index - 1];
    const after = nodes[index + 1];
    const alike = (other) => other?.dataset.from === node.dataset.from && other.dataset.day === node.dataset.day;
    node.classList.toggle("first", !alike(before));
    node.classList.toggle("last", !alike(after));
    node.querySelector(".author")?.toggleAttribute("hidden", alike(before));
    if (before?.dataset.day !== node.dataset.day) node.before(make("div", "day", dayTitle(node.dataset.day)));
  });
  if (!nodes.length) {
    const hint = view.chat < 0
      ? "Группа пуста. Позовите бота командой, например /name"
      : "Здесь пока пусто. Нажмите «Начать», и бот поздоровается";
    box.append(make("div", "empty", hint));
  }
}

let nearBottom = true;
const scroller = byId("scroller");
const atBottom = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
const toBottom = () => { scroller.scrollTop = scroller.scrollHeight; nearBottom = true; };
scroller.onscroll = () => { nearBottom = atBottom(); };
const keepDown = new ResizeObserver(() => { if (nearBottom) toBottom(); });
keepDown.observe(scroller);
keepDown.observe(byId("messages"));

function showComposer() {
  const started = hasStarted();
  byId("start").hidden = started;
  byId("composer").hidden = !started;
  byId("menu-button").hidden = commandsHere().length === 0;
  if (byId("menu-button").hidden) closeMenu();
  resize();
}

function open(me, chat) {
  drafts.set(`${view.me}:${view.chat}`, byId("input").value);
  Object.assign(view, { me, chat });
  closeMenu();
  showAll();
}

// Doing

function send(text) {
  const words = text.trim();
  if (!words) return;
  if (compose?.kind === "edit") {
    const { message } = compose;
    if (words !== textOf(message)) {
      ask({ do: "edit", user_id: view.me, message_id: message.message_id, text: words });
    }
  } else {
    const reply_to = compose?.message.message_id ?? null;
    if (!ask({ do: "send", user_id: view.me, chat_id: view.chat, text: words, reply_to })) return;
  }
  setCompose(null);
  byId("input").value = "";
  resize();
}

function press(message, button, row, column, name) {
  if (button.copy_text) {
    navigator.clipboard?.writeText(button.copy_text.text);
    return showToast("Скопировано");
  }
  if (button.callback_data === undefined) return showToast("Такие кнопки работают только в Telegram");
  if (waiting.has(name)) return;
  ask({ do: "press", user_id: view.me, message_id: message.message_id, row, column });
}

const keyNode = (name) => document.querySelector(`[data-key="${CSS.escape(name)}"]`);

function startWaiting(name) {
  clearTimeout(waiting.get(name));
  waiting.set(name, setTimeout(() => stopWaiting(name), QUERY_MS));
  keyNode(name)?.classList.add("loading");
}

function stopWaiting(name) {
  if (name === undefined) return;
  clearTimeout(waiting.get(name));
  waiting.delete(name);
  keyNode(name)?.classList.remove("loading");
}

function stopAction(chatId) {
  clearTimeout(actions.get(chatId)?.timer);
  actions.delete(chatId);
  if (chatId === view.chat) showHead();
}

let toastTimer = 0;
function showToast(text) {
  const toast = byId("toast");
  toast.textContent = text;
  toast.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { toast.hidden = true; }, TOAST_MS);
}

function showAlert(text) {
  byId("alert-text").textContent = text;
  const dialog = byId("alert");
  if (!dialog.open) dialog.showModal();
}

function setCompose(next) {
  if (compose?.kind === "edit") byId("input").value = "";
  compose = next;
  byId("context").hidden = !next;
  if (!next) return;
  const { kind, message } = next;
  byId("context-title").textContent = kind === "edit" ? "Изменить сообщение" : message.from.first_name;
  byId("context-body").textContent = gist(message);
  if (kind === "edit") byId("input").value = textOf(message);
  resize();
  byId("input").focus();
}

// The command menu, also shown while a command is being typed

function openMenu(commands) {
  const menu = byId("menu");
  menu.replaceChildren(...commands.map(({ command, description }) => {
    const item = make("button", "", make("b", "", `/${command}`), make("span", "", description));
    item.type = "button";
    item.setAttribute("role", "option");
    item.onclick = () => { closeMenu(); send(`/${command}`); };
    return item;
  }));
  menu.hidden = commands.length === 0;
  byId("menu-button").setAttribute("aria-expanded", String(!menu.hidden));
}

function closeMenu() {
  byId("menu").hidden = true;
  byId("menu-button").setAttribute("aria-expanded", "false");
}

function suggest() {
  const typed = /^\/(\w*)$/.exec(byId("input").value);
  if (!typed) return closeMenu();
  openMenu(commandsHere().filter(({ command }) => command.startsWith(typed[1].toLowerCase())));
}

function moveInMenu(step) {
  const items = [...byId("menu").children];
  const current = items.findIndex((item) => item.ariaSelected === "true");
  items[current]?.setAttribute("aria-selected", "false");
  const next = items[(current + step + items.length + (current < 0 && step < 0 ? 1 : 0)) % items.length];
  next.setAttribute("aria-selected", "true");
  next.scrollIntoView({ block: "nearest" });
}

function resize() {
  const input = byId("input");
  input.style.height = "auto";
  input.style.height = `${Math.min(input.scrollHeight, 180)}px`;
}

byId("composer").onsubmit = (event) => {
  event.preventDefault();
  closeMenu();
  send(byId("input").value);
};
byId("input").oninput = () => { resize(); suggest(); };
byId("input").onkeydown = (event) => {
  const menuOpen = !byId("menu").hidden;
  if (event.isComposing) return;
  if (menuOpen && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    moveInMenu(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    const chosen = menuOpen && byId("menu").querySelector('[aria-selected="true"]');
    if (chosen) chosen.click();
    else byId("composer").requestSubmit();
  } else if (event.key === "Escape") {
    closeMenu();
    setCompose(null);
  } else if (event.key === "ArrowUp" && !event.target.value) {
    const last = messagesOf(view.chat).filter((message) => message.from.id === view.me).at(-1);
    if (last) {
      event.preventDefault();
      setCompose({ kind: "edit", message: last });
    }
  }
};
byId("menu-button").onclick = () => (byId("menu").hidden ? openMenu(commandsHere()) : closeMenu());
byId("start").onclick = () => send("/start");
byId("context-cancel").onclick = () => setCompose(null);
document.addEventListener("click", ({ target }) => {
  if (!target.closest(".foot")) closeMenu();
});

connect();
