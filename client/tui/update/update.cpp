// SPDX-License-Identifier: Apache-2.0
#include "client/tui/update/update.hpp"

#include <sodium.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <variant>

#include "client/terminal/key.hpp"
#include "client/tui/update/screens.hpp"
#include "common/pasted_credential.hpp"

namespace jackin::tui {
namespace {

using namespace std::chrono_literals;

// Collects the keys of one chunk, so that claude receives them in one piece.
class KeysForClaude {
 public:
  explicit KeysForClaude(Effects& effects) : effects_(effects) {}

  void add(OperationNumber number, const std::string& bytes) {
    if (number != number_) flush();
    number_ = number;
    keys_.append(bytes);
  }

  void flush() {
    if (!keys_.empty()) effects_.emplace_back(SendKeys{number_, std::exchange(keys_, Secret())});
  }

 private:
  Effects& effects_;
  OperationNumber number_ = 0;
  Secret keys_;
};

// Encodes a character in UTF-8. `Key::bytes` may be an escape sequence for it.
std::string utf8(char32_t code) {
  std::string text;
  const auto put = [&](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0U | code >> 6);
    put(0x80U | (code & 0x3fU));
  } else if (code < 0x10000) {
    put(0xe0U | code >> 12);
    put(0x80U | (code >> 6 & 0x3fU));
    put(0x80U | (code & 0x3fU));
  } else {
    put(0xf0U | code >> 18);
    put(0x80U | (code >> 12 & 0x3fU));
    put(0x80U | (code >> 6 & 0x3fU));
    put(0x80U | (code & 0x3fU));
  }
  return text;
}

void carry_out(Model& model, Context context, Action action, Effects& effects) {
  if (action == Action::redraw) {
    effects.emplace_back(Redraw{});
    return;
  }
  if (action == Action::help) {
    model.dialogs.emplace_back(HelpView{});
    return;
  }
  switch (context) {
    case Context::panel:
      return on_panel(model, action, effects);
    case Context::filter:
      return on_filter(model, action, effects);
    case Context::empty:
      return on_empty(model, action, effects);
    case Context::store:
      return on_store(model, action, effects);
    case Context::walk:
      return on_walk(model, action, effects);
    case Context::name:
      return top_as<RoleBox>(model) != nullptr ? on_role(model, action, effects) : on_walk(model, action, effects);
    case Context::workspace:
      return on_workspace(model, action, effects);
    case Context::asking:
    case Context::qr:
    case Context::asking_menu:
    case Context::steps:
    case Context::question:
    case Context::report:
      return on_operation(model, action, effects);
    case Context::revoke:
      return on_revoke(model, action, effects);
    case Context::doctor:
      return on_doctor(model, action, effects);
    case Context::details:
      return on_details(model, action, effects);
    case Context::help:
      return on_help(model, action, effects);
    case Context::confirm:
      return on_confirm(model, action, effects);
  }
}

// The keys typed before the list on top arrived; nullptr if no list is on top.
TypedAhead* typed_ahead(Model& model) {
  if (model.dialogs.empty()) return &model.panel.typed_ahead;
  if (auto* picker = top_as<StorePicker>(model)) return &picker->typed_ahead;
  if (auto* walk = top_as<Walk>(model)) return &walk->typed_ahead;
  return nullptr;
}

void hold(TypedAhead& held, std::variant<Key, std::string> input) {
  constexpr std::size_t most_inputs = 100;
  if (held.size() < most_inputs) held.push_back(std::move(input));
}

// A pasted text waits behind the keys that wait for a list.
bool text_waits_for_list(Model& model) {
  return awaits_list(model) && !typed_ahead(model)->empty();
}

// The pasted text as one line.
std::string line_of(const Paste& paste) {
  constexpr std::size_t most_text = 1000;
  std::string text(paste.text.view().substr(0, most_text));
  std::replace_if(
      text.begin(), text.end(), [](unsigned char byte) { return byte < ' '; }, ' ');
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

void on_paste(Model& model, const Paste& paste, Effects& effects) {
  const bool waits = text_waits_for_list(model);
  if (waits || takes_text(context_of(model))) {
    if (shows_credential(paste.text.view()))
      return say(model, "the pasted text was ignored: it contains a Claude credential");
    if (waits) return hold(*typed_ahead(model), line_of(paste));
    return on_text(model, line_of(paste), effects);
  }
  auto* view = top_as<OperationView>(model);
  Operation* operation = view == nullptr ? nullptr : find_operation(model, view->number);
  if (operation == nullptr || !operation->asks_here()) return;
  std::optional<Secret> code = client::code_in(paste);
  if (!code) return say(model, "the pasted text is too long for a code");
  if (code->empty()) return;
  // The Esc that opened the menu may have been the beginning of this paste.
  view->is_menu_open = false;
  view->wants_qr = false;
  view->pasted_at = model.now;
  operation->has_input = true;
  effects.emplace_back(SendCode{operation->number, *std::move(code)});
}

// Whether an action depends on the entries of the list.
bool is_choice(Action action) {
  switch (action) {
    case Action::back:
    case Action::interrupt:
    case Action::refresh:
    case Action::redraw:
    case Action::help:
    case Action::quit:
    case Action::reconnect:
      return false;
    default:
      return true;
  }
}

// Holds back keys for a list that has not arrived yet. The text of a filter is applied at once.
bool waits_for_list(Model& model, const Key& key, std::optional<Action> action) {
  if (!awaits_list(model)) return false;
  TypedAhead& held = *typed_ahead(model);
  if (action && !is_choice(*action)) {
    // The user does something else first: what was typed before must not come after it.
    if (action != Action::redraw) held.clear();
    return false;
  }
  const bool is_erased = action == Action::erase || action == Action::erase_word;
  const bool is_text = takes_text(context_of(model)) && (key.is_text() || is_erased);
  if (is_text && held.empty()) return false;
  hold(held, key);
  return true;
}

// Which of G, R and X the key is on the panel and in the details, even if it does not apply.
std::optional<Action> token_action(Context context, const Key& key) {
  if (context != Context::panel && context != Context::details) return std::nullopt;
  for (const Binding& binding : bindings()) {
    const bool is_one =
        binding.action == Action::generate || binding.action == Action::rotate || binding.action == Action::revoke;
    if (is_one && binding.context == context && binding.key.matches(key)) return binding.action;
  }
  return std::nullopt;
}

void on_key(Model& model, const Key& key, Effects& effects) {
  const Context context = context_of(model);
  const auto action = action_for(model, key);
  if (waits_for_list(model, key, action)) return;
  if (takes_text(context) && key.is_text()) {
    on_text(model, utf8(key.code), effects);
  } else if (action) {
    carry_out(model, context, *action, effects);
  } else if (const auto wanted = token_action(context, key); wanted && model.link.state == Link::State::live) {
    say_why_not(model, *wanted);
  }
}

// Carries out one input that waited for a list. Returns false when it has no meaning where the user has come to.
bool take_waiting(Model& model, const std::variant<Key, std::string>& input, Effects& effects) {
  const bool is_in_text = takes_text(context_of(model));
  if (const auto* text = std::get_if<std::string>(&input)) {
    if (text_waits_for_list(model)) {
      hold(*typed_ahead(model), *text);
    } else if (is_in_text) {
      on_text(model, *text, effects);
    }
    return is_in_text || awaits_list(model);
  }
  const Key& key = std::get<Key>(input);
  if (!awaits_list(model) && !(is_in_text && key.is_text()) && !action_for(model, key)) {
    if (is_bound(context_of(model), key)) say(model, "the choice that you typed is not available");
    return false;
  }
  on_key(model, key, effects);
  return true;
}

// The list on top has arrived. An input without a meaning there takes those behind it with it: they were typed for
// another choice. So does one that closes a screen: what is behind it was not meant.
void take_typed_ahead(Model& model, Effects& effects) {
  TypedAhead* held = typed_ahead(model);
  if (held == nullptr || held->empty() || awaits_list(model)) return;
  TypedAhead inputs = std::exchange(*held, {});
  for (; !inputs.empty(); inputs.pop_front()) {
    const std::size_t depth = model.dialogs.size();
    if (!take_waiting(model, inputs.front(), effects)) return;
    if (model.dialogs.size() < depth || typed_ahead(model) == nullptr) return;
  }
}

// Enter right behind a pasted code belongs to it. It must not leave the steps or the report that come meanwhile.
bool belongs_to_paste(Model& model, const Key& key) {
  constexpr auto longest = 1s;  // and up to a second more, since the clock counts seconds
  auto* view = top_as<OperationView>(model);
  if (view == nullptr || !view->pasted_at) return false;
  const Moment pasted_at = *std::exchange(view->pasted_at, std::nullopt);
  const Context context = context_of(model);
  const bool would_leave = context == Context::steps || context == Context::report;
  return would_leave && key.name == KeyName::enter && model.now - pasted_at <= longest;
}

// Whether claude receives this key. An Enter on claude's empty line is an empty code, which claude refuses. Before the
// link is known, claude may ask something else.
bool is_for_claude(Operation& operation, const Key& key) {
  const bool is_enter = key.name == KeyName::enter;
  if (is_enter && !operation.has_input && !operation.authorize_url.empty()) return false;
  operation.has_input = !is_enter;
  return true;
}

void on_pressed(Model& model, std::vector<Input>& chunk, Effects& effects) {
  KeysForClaude keys(effects);
  // Keys behind the one that closes the QR code may be the rest of a code, which claude must not receive in part.
  bool closed_qr = false;
  for (Input& input : chunk) {
    auto* key = std::get_if<Key>(&input);
    if (key != nullptr && belongs_to_paste(model, *key)) continue;
    const Context context = context_of(model);
    const auto action = key == nullptr ? std::nullopt : action_for(model, *key);
    const bool closes_qr = key != nullptr && context == Context::qr && (!action || action == Action::back);
    if (closes_qr || (key != nullptr && closed_qr)) {
      if (closes_qr) top_as<OperationView>(model)->wants_qr = false;
      closed_qr = true;
      sodium_memzero(key->bytes.data(), key->bytes.size());
      continue;
    }
    if (key != nullptr && context == Context::asking && !action) {
      const OperationNumber number = top_as<OperationView>(model)->number;
      if (!is_for_claude(*find_operation(model, number), *key)) {
        say(model, "paste the code first, then press Enter", number);
        continue;
      }
      keys.add(number, key->bytes);
      // The key may be a part of a code.
      sodium_memzero(key->bytes.data(), key->bytes.size());
      continue;
    }
    keys.flush();
    if (key == nullptr) {
      if (const auto* paste = std::get_if<Paste>(&input)) on_paste(model, *paste, effects);
      if (const auto* mouse = std::get_if<Mouse>(&input)) on_mouse(model, *mouse, effects);
    } else {
      on_key(model, *key, effects);
    }
  }
  keys.flush();
}

struct Handler {
  Model& model;
  Effects& effects;

  void operator()(Pressed&& message) const { on_pressed(model, message.chunk, effects); }
  void operator()(Resized&& message) const {
    const bool is_wider = claude_size(model.size).columns != claude_size(message.size).columns;
    model.size = message.size;
    if (!is_wider) return;
    for (const Operation& operation : model.operations) {
      if (operation.needs_us()) effects.emplace_back(ResizeClaude{operation.number, claude_size(model.size)});
    }
  }
  void operator()(TimePassed&& message) const {
    model.now = message.now;
    if (model.toast && model.toast->until <= model.now) model.toast.reset();
  }
  void operator()(LinkChanged&& message) const {
    on_link(model, std::move(message.link), effects);
    start_next(model, false, effects);
  }
  void operator()(FactsArrived&& message) const { model.facts = std::move(message.facts); }
  void operator()(PictureComplete&& message) const {
    on_picture(model, std::move(message.rows));
    update_revoke_boxes(model);
    want_details_of_boxes(model, effects);
  }
  void operator()(RowChanged&& message) const { on_row(model, std::move(message.row), effects); }
  void operator()(DetailsArrived&& message) const { on_details(model, std::move(message)); }
  void operator()(RowRemoved&& message) const { on_row_removed(model, message.scope); }
  void operator()(StoresArrived&& message) const { on_stores(model, std::move(message.stores)); }
  void operator()(StoresFailed&& message) const { on_stores_failed(model, message.failure); }
  void operator()(AccountsArrived&& message) const { on_walk_answer(model, std::move(message), effects); }
  void operator()(VaultsArrived&& message) const { on_walk_answer(model, std::move(message), effects); }
  void operator()(ItemsArrived&& message) const { on_walk_answer(model, std::move(message), effects); }
  void operator()(FieldsArrived&& message) const { on_walk_answer(model, std::move(message), effects); }
  void operator()(ListingFailed&& message) const { on_walk_answer(model, std::move(message), effects); }
  void operator()(OperationNamed&& message) const { on_operation_message(model, std::move(message), effects); }
  void operator()(StepReached&& message) const { on_operation_message(model, std::move(message), effects); }
  void operator()(ScreenChanged&& message) const { on_operation_message(model, std::move(message)); }
  void operator()(LinkArrived&& message) const { on_operation_message(model, std::move(message)); }
  void operator()(BrowserOpened&& message) const { on_operation_message(model, std::move(message)); }
  void operator()(QuestionAsked&& message) const { on_operation_message(model, std::move(message), effects); }
  void operator()(NoticeArrived&& message) const { on_operation_message(model, std::move(message)); }
  void operator()(OperationEnded&& message) const { on_operation_message(model, std::move(message), effects); }
  void operator()(OperationSeen&& message) const { on_operation_message(model, std::move(message), effects); }
  void operator()(const OperationLost& message) const { on_operation_message(model, message, effects); }
  void operator()(OperationsTold&& message) const { on_operation_message(model, std::move(message)); }
  void operator()(FindingsArrived&& message) const { on_findings(model, std::move(message), effects); }
  void operator()(DoctorFailed&& message) const {
    for (Dialog& dialog : model.dialogs) {
      auto* view = std::get_if<DoctorView>(&dialog);
      if (view != nullptr && view->ticket == message.ticket) {
        view->failure = std::move(message.failure);
        view->open.clear();
        return;
      }
    }
  }
  void operator()(ToldToEnd&& /*message*/) const { quit_now(model, effects); }
  void operator()(Said&& message) const { say(model, std::move(message.text)); }
};

// Whether rows can leave the list. The list is not compared for the messages that come often and remove none. A changed
// row leaves it only when it does not pass the filter any more.
bool may_remove_lines(const Model& model, const Message& message) {
  const bool is_of_row = std::holds_alternative<RowChanged>(message) || std::holds_alternative<DetailsArrived>(message);
  if (is_of_row) return !model.panel.filter.empty();
  return !std::holds_alternative<ScreenChanged>(message) && !std::holds_alternative<TimePassed>(message);
}

}  // namespace

Effects update(Model& model, Message message) {
  Effects effects;
  const bool keeps_first = std::holds_alternative<Pressed>(message) || std::holds_alternative<Resized>(message);
  const bool keeps_selection = may_remove_lines(model, message) || !model.panel.selected;
  const std::size_t line = keeps_selection ? line_of_selection(model) : 0;
  const std::optional<Scope> selected = model.panel.selected;
  const std::optional<Toast> toast = std::holds_alternative<Pressed>(message) ? model.toast : std::nullopt;
  const Context context = context_of(model);
  const std::size_t depth = model.dialogs.size();
  std::visit(Handler{model, effects}, std::move(message));
  // A message belongs to the screen on which it came.
  const bool is_other_screen = model.dialogs.size() != depth || context_of(model) != context;
  if (toast && is_other_screen && model.toast == toast) model.toast.reset();
  if (model.panel.selected != selected) model.panel.created.reset();
  update_expected_rows(model);
  select_created(model);
  if (keeps_selection) keep_selection(model, line);
  take_typed_ahead(model, effects);
  if (keeps_first) model.panel.first = panel_layout(model).first;
  want_details(model, effects);
  return effects;
}

std::optional<Moment> next_change(const Model& model, bool motion) {
  std::optional<Moment> next;
  const auto at = [&](Moment moment) {
    if (moment > model.now) next = next ? std::min(*next, moment) : moment;
  };
  if (model.toast) at(model.toast->until);
  if (model.link.state == Link::State::away && model.link.retry_at && *model.link.retry_at > model.now)
    at(model.now + 1s);
  for (const Dialog& dialog : model.dialogs) {
    const auto* walk = std::get_if<Walk>(&dialog);
    if (walk == nullptr || !walk->asked_at) continue;
    at(*walk->asked_at + 30s);
    if (motion && model.now < *walk->asked_at + 30s) at(model.now + 1s);
  }
  for (const Operation& operation : model.operations) {
    if (operation.started_at && !operation.has_ended()) at(std::chrono::ceil<std::chrono::minutes>(model.now + 1s));
  }
  // "9 min ago" may be up to five minutes late, so that an idle program wakes rarely.
  const bool shows_age = std::any_of(model.rows.begin(), model.rows.end(), [&](const auto& entry) {
    return entry.second.checked_at && model.now - *entry.second.checked_at < std::chrono::hours(48);
  });
  if (shows_age) at(model.now + 5min);
  return next;
}

std::vector<Scope> subjects(const Model& model) {
  if (const Scope* scope = shown_scope(model)) return {*scope};
  std::vector<Scope> scopes;
  for (const PanelLine& line : panel_lines(model)) {
    if (model.panel.marks.contains(line.row->scope)) scopes.push_back(line.row->scope);
  }
  if (!model.panel.marks.empty()) return scopes;
  if (const Row* row = selected_row(model)) scopes.push_back(row->scope);
  return scopes;
}

}  // namespace jackin::tui
