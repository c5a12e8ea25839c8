// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/client/tui/sample.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>

#include "client/tui/view/view.hpp"
#include "common/words.hpp"

namespace jackin::tui {
namespace {

using namespace std::chrono_literals;

constexpr const char* authorize_url =
    "https://claude.com/cai/oauth/"
    "authorize?code=true&client_id=9d1c250a-e61b-44d9-88ed-5944d1962f5e&response_type=code&"
    "redirect_uri=https%3A%2F%2Fplatform.claude.com%2Foauth%2Fcode%2Fcallback&scope=user%3Ainference&code_challenge="
    "PYD3TCd6gO2xV-q986pqjLrdkqZO7LTv-0EcBISRg9s&code_challenge_method=S256&state="
    "ubWb2WLkjhmkKqGagTXhbtxFtsu1TW4mah1RAAfKehI";

Row row_of(const Scope& scope, HealthMark mark, AuthMode mode) {
  Row row;
  row.scope = scope;
  row.mark = mark;
  row.mode = mode;
  row.has_details = true;
  row.verdict = mode == AuthMode::oauth_token ? "ok" : "not managed";
  if (mode != AuthMode::oauth_token) row.summary = "mode " + std::string(word_of(mode)) + ": jackind manages no token";
  return row;
}

Row token_row(const Scope& scope, HealthMark mark, std::string source, int days_left,
              std::chrono::seconds checked_ago) {
  Row row = row_of(scope, mark, AuthMode::oauth_token);
  row.source = std::move(source);
  row.days_left = days_left;
  row.checked_at = sample_time() - checked_ago;
  row.has_token = true;
  row.fingerprint = "a3f9c2b81e74";
  row.expires_on = format_date(date_of(sample_time()) + std::chrono::days(days_left));
  row.expiry_estimated = true;
  return row;
}

std::vector<Row> sample_rows() {
  std::vector<Row> rows;
  rows.push_back(row_of(Scope::global(), HealthMark::none, AuthMode::sync));

  Row billing = token_row(scope_of("billing"), HealthMark::blocked, "1P Personal/Billing", 190, 9min);
  billing.verdict = "rejected";
  billing.summary = "Anthropic rejects this token: launches are blocked";
  billing.remedy = Remedy::rotate(billing.scope);
  billing.source_kind = "1Password";
  billing.source_detail = "Personal/Billing/credential";
  billing.fingerprint = "77e0b1c4a905";
  billing.history = {"rejected since today 14:31, ok before", "set up 2026-06-07"};
  rows.push_back(std::move(billing));

  Row docs = token_row(scope_of("docs"), HealthMark::soon, "Secret Service", 12, 24h);
  docs.verdict = "expiring";
  docs.summary = "the token expires in 12 days";
  docs.remedy = Remedy::rotate(docs.scope);
  docs.source_kind = "Secret Service";
  docs.source_detail = "jackind/docs";
  docs.can_delete = true;
  rows.push_back(std::move(docs));

  Row infra = token_row(scope_of("infra"), HealthMark::fine, "file infra.token", 80, 3h);
  infra.source_kind = "file";
  infra.source_detail = "~/.local/share/jackind/tokens/infra.token";
  rows.push_back(std::move(infra));

  Row app = token_row(scope_of("my-app"), HealthMark::fine, "1P Personal/Claude", 231, 2h);
  app.source_kind = "1Password";
  app.source_detail = "Personal/Claude/credential";
  app.summary = "the token works";
  app.can_delete = true;
  app.holders = {{812, "claude"}, {977, "claude"}};
  app.shared_with = {scope_of("tools"), scope_of("www")};
  rows.push_back(std::move(app));

  Row reviewer = token_row(scope_of("my-app", "reviewer"), HealthMark::fine, "1P Work/Claude CI", 362, 2h);
  reviewer.source_kind = "1Password";
  reviewer.source_detail = "Work/Claude CI/credential";
  rows.push_back(std::move(reviewer));

  Row playground = row_of(scope_of("playground"), HealthMark::none, AuthMode::ignore);
  rows.push_back(std::move(playground));
  Row website = row_of(scope_of("website"), HealthMark::none, AuthMode::sync);
  rows.push_back(std::move(website));
  return rows;
}

OperationSeen rotation_elsewhere(Step step, std::optional<WaitsFor> waits) {
  return {.id = "op-7",
          .kind = OperationKind::rotate,
          .scope = scope_of("infra"),
          .step = step,
          .waits = waits,
          .started_by = "jackinctl[4711]",
          .started_at = sample_time() - 1min,
          .runs_to_end = step != Step::program && step != Step::mint};
}

TokenReport sample_report() {
  return {.claude_version = "2.1.197",
          .stored_in = "1Password  Personal/Claude/credential",
          .fingerprint = "a3f9c2b81e74",
          .expires_on = "2027-11-29",
          .days_left = 365,
          .expiry_estimated = true,
          .slot = "workspaces/website.toml  [claude] oauth_token"};
}

// A setup of website into 1Password, up to claude's prompt for the code.
Model asking_model() {
  Model model = sample_model();
  model.panel.selected = scope_of("website");
  press(model, "gp<enter>");
  update(model, AccountsArrived{model.last_ticket, {{"A1", "me@example.com", true}}});
  update(model, VaultsArrived{model.last_ticket, {{"V1", "Personal", true}, {"V2", "Work"}}});
  press(model, "<enter>");
  update(model, ItemsArrived{model.last_ticket, {}});
  press(model, "<enter><enter>");
  const OperationNumber number = model.last_number;
  update(model, OperationNamed{number, "op-9"});
  update(model, StepReached{number, Step::program, "2.1.197  /usr/bin/claude"});
  update(model, StepReached{number, Step::mint, "in the browser"});
  update(model, LinkArrived{number, authorize_url});
  update(model, BrowserOpened{number, {}});
  update(model, ScreenChanged{number, consent_cells()});
  return model;
}

Model walking_model() {
  Model model = sample_model();
  model.panel.selected = scope_of("website");
  press(model, "gp<enter>");
  return model;
}

Model vaults_model() {
  Model model = walking_model();
  update(model, AccountsArrived{model.last_ticket, {{"A1", "me@example.com", true}, {"A2", "work@example.com"}}});
  press(model, "<enter>");
  update(model, VaultsArrived{model.last_ticket, {{"V1", "Personal", true}, {"V2", "Work"}}});
  return model;
}

Model items_model() {
  Model model = vaults_model();
  press(model, "<enter>");
  std::vector<WalkItem> items;
  items.push_back({"I1", "Claude credentials", "API credential"});
  items.push_back({"I2", "Craft", "secure note"});
  items.push_back({"I3", "Crater Lake", "login", false, "login: no place for a token"});
  for (int i = 0; i < 40; ++i) items.push_back({"J" + std::to_string(i), "Something " + std::to_string(i), "login"});
  update(model, ItemsArrived{model.last_ticket, std::move(items)});
  return model;
}

Model sections_model() {
  Model model = items_model();
  press(model, "claude<enter>");
  update(model,
         FieldsArrived{
             model.last_ticket,
             {{"S1", "ci"}, {"S2", "laptop"}},
             {{"F1", "S1", "credential", true}, {"F2", "S1", "notes", false, false, "is a note"}, {"F3", "", "user"}}});
  return model;
}

void add_operation_states(std::map<std::string, Model>& states) {
  Model model = asking_model();
  const OperationNumber number = model.last_number;
  states["consent"] = model;
  Model menu = model;
  press(menu, "<esc>");
  states["consent_menu"] = menu;
  Model interrupted = model;
  press(interrupted, "^c");
  states["consent_interrupted"] = interrupted;
  Model qr = model;
  press(qr, "^gq");
  states["consent_qr"] = qr;
  Model panel = model;
  press(panel, "^gp");
  states["panel_while_asking"] = panel;
  Model two = panel;
  two.panel.selected = scope_of("docs");
  press(two, "r");
  states["panel_with_queue"] = two;
  Model quitting = panel;
  press(quitting, "q");
  states["quit"] = quitting;

  Model begun = model;
  find_operation(begun, number)->screen = Cells();
  find_operation(begun, number)->steps = steps_of(OperationKind::setup);
  find_operation(begun, number)->waits.reset();
  update(begun, StepReached{number, Step::program, {}});
  states["steps_first"] = begun;

  update(model, StepReached{number, Step::captured, {}});
  update(model, StepReached{number, Step::verify, "accepted by the API"});
  update(model, StepReached{number, Step::store, "1Password"});
  states["steps"] = model;
  Model question = model;
  update(question, NoticeArrived{number, "1Password did not answer within 30 s"});
  update(question, QuestionAsked{number,
                                 {"1Password did not store the token: the vault is locked",
                                  {{{ChoiceKind::try_again}, "try again"},
                                   {{ChoiceKind::use_store, SourceKind::file}, "keep it in a file of jackind's"},
                                   {{ChoiceKind::give_up}, "discard it"}}}});
  states["question"] = question;
  Model failed = model;
  update(failed,
         OperationEnded{number, Error{.reason = Reason::store_failed,
                                      .message = "1Password did not store the token: the vault is locked",
                                      .remedy = Remedy::of(RemedyAction::sign_in_to_op).noting("then G again")}});
  states["report_failed"] = failed;
  Model discarded = question;
  update(discarded, NoticeArrived{number,
                                  "the new token was discarded; at Anthropic it stays valid until you remove it at "
                                  "https://claude.ai/settings/claude-code"});
  update(discarded, OperationEnded{number, Error{.reason = Reason::token_rejected,
                                                 .message = "the API does not accept the token: Invalid bearer token; "
                                                            "nothing was changed",
                                                 .remedy = {}}});
  states["report_discarded"] = discarded;
  update(model, StepReached{number, Step::read_back, "it matches"});
  update(model, StepReached{number, Step::write_config, "workspaces/website.toml"});
  update(model, StepReached{number, Step::record, {}});
  update(model, OperationEnded{number, sample_report()});
  states["report"] = model;

  Model revoked = sample_model();
  revoked.panel.selected = scope_of("my-app");
  press(revoked, "xy");
  update(revoked, OperationEnded{revoked.last_number, RevokeReport{.cleared = true,
                                                                   .remains_in = "1Password Personal/Claude",
                                                                   .holders = {{812, "claude"}}}});
  states["report_revoked"] = revoked;
}

void add_walk_states(std::map<std::string, Model>& states) {
  states["walk_asking"] = walking_model();
  update(states["walk_asking"], TimePassed{sample_time() + 4s});
  Model accounts = walking_model();
  update(accounts, AccountsArrived{accounts.last_ticket, {{"A1", "me@example.com", true}, {"A2", "work@example.com"}}});
  states["walk_accounts"] = accounts;
  states["walk_vaults"] = vaults_model();
  states["walk_items"] = items_model();
  Model filtered = items_model();
  press(filtered, "cr");
  states["walk_filter"] = filtered;
  Model slow = filtered;
  press(slow, "^r");
  update(slow, TimePassed{sample_time() + 31s});
  states["walk_slow"] = slow;
  Model failed = filtered;
  press(failed, "^r");
  update(failed, ListingFailed{failed.last_ticket,
                               {.message = "op is not signed in", .remedy = Remedy::of(RemedyAction::sign_in_to_op)}});
  states["walk_failed"] = failed;
  Model title = items_model();
  press(title, "<enter>");
  states["walk_title"] = title;
  Model fields = title;
  press(fields, "<tab>");
  states["walk_new_item_field"] = fields;
  states["walk_sections"] = sections_model();
  Model section = sections_model();
  press(section, "<down><enter>");
  states["walk_fields"] = section;
  Model taken = section;
  press(taken, "new<enter>NOTES<enter>");
  states["walk_field_taken"] = taken;
}

void add_panel_states(std::map<std::string, Model>& states) {
  states["panel"] = sample_model();
  Model first = sample_model();
  first.panel.selected = Scope::global();
  states["panel_global"] = first;
  Model filter = sample_model();
  press(filter, "/claude");
  states["panel_filter"] = filter;
  Model nothing = sample_model();
  press(nothing, "/zzz");
  states["panel_filter_nothing"] = nothing;
  Model marks = sample_model();
  marks.panel.selected = scope_of("my-app");
  press(marks, "  ");
  states["panel_marks"] = marks;
  Model sorted = sample_model();
  press(sorted, "s");
  states["panel_sorted"] = sorted;
  Model closed = sample_model();
  closed.panel.selected = scope_of("my-app", "reviewer");
  press(closed, "<left>");
  states["panel_closed"] = closed;
  Model elsewhere = sample_model();
  update(elsewhere, rotation_elsewhere(Step::mint, WaitsFor::consent));
  elsewhere.panel.selected = scope_of("infra");
  states["panel_elsewhere"] = elsewhere;
  Model cancelling = elsewhere;
  press(cancelling, "<enter>x");
  states["cancel_elsewhere"] = cancelling;
  Model connecting;
  connecting.now = sample_time();
  connecting.size = {24, 80};
  states["connecting"] = connecting;

  Model away = sample_model();
  update(away, LinkChanged{{.state = Link::State::away, .since = sample_time() - 2s, .retry_at = sample_time() + 4s}});
  states["away"] = away;
  Model restarting = sample_model();
  update(restarting, LinkChanged{{.state = Link::State::restarting, .since = sample_time() - 2s}});
  states["restarting"] = restarting;
  Model older = sample_model();
  update(older, LinkChanged{{.state = Link::State::older, .daemon_version = "0.0.9"}});
  states["older"] = older;
  Model newer = sample_model();
  update(newer, LinkChanged{{.state = Link::State::newer, .daemon_version = "9.0.0"}});
  states["newer"] = newer;
  Model empty = sample_model();
  empty.operations.clear();
  update(empty, PictureComplete{{row_of(Scope::global(), HealthMark::none, AuthMode::sync)}});
  states["empty"] = empty;
  Model said = sample_model();
  update(said, Said{"2 cached tokens were dropped"});
  states["panel_toast"] = said;
}

void add_box_states(std::map<std::string, Model>& states) {
  Model stores = sample_model();
  stores.panel.selected = scope_of("website");
  press(stores, "g");
  states["stores"] = stores;
  Model plain = stores;
  press(plain, "t");
  states["stores_plain"] = plain;
  Model revoke = sample_model();
  revoke.panel.selected = scope_of("my-app");
  press(revoke, "x");
  states["revoke"] = revoke;
  Model many = sample_model();
  many.panel.marks = {scope_of("docs"), scope_of("billing")};
  press(many, "x<right> ");
  states["revoke_many"] = many;
  Model role = sample_model();
  role.panel.selected = scope_of("my-app");
  press(role, "aCI bot<enter>");
  states["role"] = role;
  Model workspace = sample_model();
  press(workspace, "nshop<enter>src<enter>");
  states["new_workspace"] = workspace;
  Model help = sample_model();
  press(help, "?");
  states["help"] = help;
  Model details = sample_model();
  details.panel.selected = scope_of("my-app");
  press(details, "<enter>");
  states["details"] = details;
  Model doctor = sample_model();
  doctor.panel.selected = scope_of("billing");
  press(doctor, "d");
  states["doctor_checking"] = doctor;
  update(doctor,
         FindingsArrived{scope_of("billing"),
                         {{Severity::info, "the source was read: 1Password Personal/Billing/credential"},
                          {Severity::error, "Anthropic rejects this token: 401 authentication_error",
                           Remedy::rotate(scope_of("billing"))},
                          {Severity::warning, "the file workspaces/billing.toml can be written by the group",
                           Remedy::set_access("~/.config/jackin/workspaces/billing.toml", PathAccess::private_file)}},
                         doctor.last_ticket});
  states["doctor"] = doctor;
}

}  // namespace

Scope scope_of(std::string_view workspace, std::string_view role) {
  if (workspace.empty()) return Scope::global();
  const auto scope = role.empty() ? Scope::workspace(workspace) : Scope::role(workspace, role);
  if (!scope) throw std::invalid_argument("not a scope");
  return *scope;
}

Moment sample_time() {
  return *parse_moment("2026-11-29T14:40:00Z");
}

std::vector<Store> sample_stores() {
  return {{SourceKind::op, "1Password", "", true},
          {SourceKind::secret_service, "Secret Service", "", true, true},
          {SourceKind::file, "file", "", true},
          {SourceKind::literal, "plain text", "", true},
          {SourceKind::keychain, "Keychain", "only on macOS", false}};
}

Cells consent_cells() {
  Cells cells({12, 76});
  const CellStyle accent{.foreground = {CellColor::Kind::rgb, 0xd77757}};
  cells.write(1, 1, "Browser didn't open? Use the url below to sign in (c to copy)");
  for (int row = 0; row < 5; ++row)
    cells.write(3 + row, 0, std::string(authorize_url).substr(static_cast<std::size_t>(row) * 76, 76), accent);
  cells.write(10, 1, "Paste code here if prompted > ");
  cells.cursor = CellPosition{10, 31};
  return cells;
}

Model sample_model() {
  Model model;
  update(model, Resized{{24, 80}});
  update(model, TimePassed{sample_time()});
  update(model, LinkChanged{{.state = Link::State::live}});
  update(model, FactsArrived{{.version = "0.1.0",
                              .daemon_version = "0.1.0",
                              .protocol = "2.0",
                              .daemon_pid = 4711,
                              .workspaces_folder = "~/.config/jackin/workspaces",
                              .tokens_folder = "~/.local/share/jackind/tokens",
                              .home = "/home/me"}});
  update(model, StoresArrived{sample_stores()});
  update(model, PictureComplete{sample_rows()});
  update(model, rotation_elsewhere(Step::verify, std::nullopt));
  model.panel.selected = scope_of("billing");
  return model;
}

std::string screen_text(const Model& model) {
  const Cells cells = render(model, Theme());
  std::string text;
  for (int row = 0; row < cells.size().rows; ++row) text += cells.text_of(row) + "\n";
  return text;
}

Key key_of(std::string_view name) {
  const std::map<std::string_view, Key, std::less<>> named{
      {"<enter>", {.name = KeyName::enter, .bytes = "\r"}},
      {"<esc>", {.name = KeyName::escape, .bytes = "\x1b"}},
      {"<tab>", {.name = KeyName::tab, .bytes = "\t"}},
      {"<back_tab>", {.name = KeyName::back_tab, .bytes = "\x1b[Z"}},
      {"<backspace>", {.name = KeyName::backspace, .bytes = "\x7f"}},
      {"<up>", {.name = KeyName::up, .bytes = "\x1b[A"}},
      {"<down>", {.name = KeyName::down, .bytes = "\x1b[B"}},
      {"<right>", {.name = KeyName::right, .bytes = "\x1b[C"}},
      {"<left>", {.name = KeyName::left, .bytes = "\x1b[D"}},
      {"<home>", {.name = KeyName::home, .bytes = "\x1b[H"}},
      {"<end>", {.name = KeyName::end, .bytes = "\x1b[F"}},
      {"<pgup>", {.name = KeyName::page_up, .bytes = "\x1b[5~"}},
      {"<pgdn>", {.name = KeyName::page_down, .bytes = "\x1b[6~"}}};
  if (const auto at = named.find(name); at != named.end()) return at->second;
  if (name.size() == 2 && name.front() == '^') {
    return {.code = static_cast<char32_t>(name[1]),
            .ctrl = true,
            .bytes = std::string(1, static_cast<char>(name[1] & 0x1f))};
  }
  if (name.size() != 1) throw std::invalid_argument("no key " + std::string(name));
  return {.code = static_cast<char32_t>(static_cast<unsigned char>(name.front())), .bytes = std::string(name)};
}

std::vector<Key> keys_of(std::string_view keys) {
  std::vector<Key> result;
  while (!keys.empty()) {
    std::size_t size = 1;
    if (keys.front() == '<' && keys.find('>') != std::string_view::npos) size = keys.find('>') + 1;
    if (keys.front() == '^' && keys.size() > 1) size = 2;
    result.push_back(key_of(keys.substr(0, size)));
    keys.remove_prefix(size);
  }
  return result;
}

Effects press(Model& model, std::string_view keys) {
  Effects effects;
  for (Key& key : keys_of(keys)) {
    Pressed pressed;
    pressed.chunk.emplace_back(std::move(key));
    for (Effect& effect : update(model, std::move(pressed))) effects.push_back(std::move(effect));
  }
  return effects;
}

Effects press_at_once(Model& model, std::string_view keys) {
  Pressed pressed;
  for (Key& key : keys_of(keys)) pressed.chunk.emplace_back(std::move(key));
  return update(model, std::move(pressed));
}

Effects paste(Model& model, std::string_view text, bool cut) {
  Pressed pressed;
  pressed.chunk.emplace_back(Paste{Secret::copy_of(text), cut});
  return update(model, std::move(pressed));
}

std::map<std::string, Model> sample_states() {
  std::map<std::string, Model> states;
  add_panel_states(states);
  add_box_states(states);
  add_walk_states(states);
  add_operation_states(states);
  return states;
}

}  // namespace jackin::tui
