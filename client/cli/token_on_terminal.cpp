// SPDX-License-Identifier: Apache-2.0
#include "client/cli/token_on_terminal.hpp"

#include <sodium.h>

#include <array>
#include <charconv>
#include <utility>

#include "client/rpc/proto_conversion.hpp"
#include "client/terminal/clipboard.hpp"
#include "client/terminal/health_mark.hpp"
#include "client/terminal/text.hpp"
#include "common/untrusted_text.hpp"
#include "proto/enum_conversion.hpp"

namespace jackin::client {
namespace {

struct StepWords {
  v1::Step step;
  std::string_view doing;
  std::string_view done;
};
constexpr std::array<StepWords, 10> step_words{
    {{v1::STEP_PROGRAM, "claude", "claude"},
     {v1::STEP_MINT, "waiting for your consent", "consent given"},
     {v1::STEP_CAPTURED, "token captured", "token captured"},
     {v1::STEP_RESOLVE, "reading the token", "token read"},
     {v1::STEP_VERIFY, "checking the token", "token checked"},
     {v1::STEP_STORE, "storing the token", "token stored"},
     {v1::STEP_READ_BACK, "reading it back", "read back, it matches"},
     {v1::STEP_WRITE_CONFIG, "writing the configuration", "configuration written"},
     {v1::STEP_RECORD, "recording it", "recorded"},
     {v1::STEP_DELETE_OLD, "deleting the old one", "old one deleted"}}};

std::string words_of(const v1::StepReached& step, bool done) {
  std::string words = spaced(word_of_proto(step.step()));
  for (const StepWords& known : step_words) {
    if (known.step == step.step()) words = done ? known.done : known.doing;
  }
  const std::string detail = printable(step.detail());
  // The detail of this step is a complete text: "claude 2.1.197  /usr/bin/claude".
  if (step.step() == v1::STEP_PROGRAM && !detail.empty()) return detail;
  return detail.empty() ? words : words + "  " + detail;
}

// What the user may type in place of the number.
std::string word_of_key(const v1::ChoiceKey& key) {
  const bool is_store = key.store() != v1::SOURCE_KIND_UNSPECIFIED;
  return is_store ? word_of_proto(key.store()) : word_of_proto(key.kind());
}

}  // namespace

void TokenOnTerminal::take_keys(bool taken) {
  if (taken == keys_taken_) return;
  if (!taken) show_qr(false);
  keys_taken_ = taken;
  parser_ = InputParser();
  parser_.collect(true);
  is_menu_open_ = false;
  outlet_.take_keys(taken);
}

ConsentHeader TokenOnTerminal::header(CellSize size) const {
  ConsentHeader header;
  if (step_.step() != v1::STEP_UNSPECIFIED) header.step = "› " + words_of(step_, false);
  if (url_.empty()) return header;
  const int columns = size.columns;
  constexpr std::string_view heading = "Open this, then paste the code it shows:";
  header.heading = style_.opens_here
                       ? fitting({"No browser opened? Open this, then paste the code it shows:", heading}, columns)
                       : fitting({heading}, columns);
  header.link = url_;
  header.hyperlinks = style_.hyperlinks;
  if (wants_qr_ && qr_) header.qr = qr_->lack(size);
  if (is_menu_open_) {
    header.keys =
        fitting({"C: copy the link, Q: QR code, any other key: back", "C: copy link, Q: QR code, else: back"}, columns);
  } else if (!said_.empty()) {
    header.keys = fitting({said_}, columns);
  } else {
    header.keys =
        fitting({"Ctrl-G, then C: copy the link, Q: QR code. Ctrl-C: cancel.", "Ctrl-G, then C: copy link, Q: QR code"},
                columns);
  }
  return header;
}

void TokenOnTerminal::paint() {
  if (session_.is_asking()) return;
  const CellSize size = outlet_.size();
  show_qr(keys_taken_ && wants_qr_ && qr_ && qr_->fits(size));
  if (has_whole_screen_) return;
  ScreenLines shown;
  if (keys_taken_) {
    shown = consent_screen(header(size), frame_, size, style_.output);
  } else if (step_.step() != v1::STEP_UNSPECIFIED) {
    shown.lines.push_back(style_.output.styled(TextStyle::strong, cut_to("› " + words_of(step_, false), size.columns)));
  }
  const std::string update = region_.show(shown, size.columns);
  if (!update.empty()) outlet_.show(update);
}

void TokenOnTerminal::show_qr(bool shown) {
  if (shown == has_whole_screen_) return;
  has_whole_screen_ = shown;
  outlet_.take_whole_screen(shown);
  if (shown) return outlet_.show(qr_->drawn(outlet_.size()));
  const std::vector<std::string> held = std::exchange(held_, {});
  if (std::exchange(is_outdated_, false)) return draw_all();
  if (!held.empty()) write_above(held);
}

void TokenOnTerminal::write_above(const std::vector<std::string>& lines) {
  std::string out = region_.clear();
  for (const std::string& line : lines) out += line + "\r\n";
  outlet_.show(out);
}

void TokenOnTerminal::print(const std::vector<std::string>& lines) {
  printed_.insert(printed_.end(), lines.begin(), lines.end());
  if (has_whole_screen_) {
    held_.insert(held_.end(), lines.begin(), lines.end());
  } else {
    write_above(lines);
  }
  paint();
}

void TokenOnTerminal::complete_step(StepEnd end) {
  if (step_.step() == v1::STEP_UNSPECIFIED) return;
  // A notice was shown for this step: it ended, but with a warning.
  if (end == StepEnd::done && step_was_warned_) end = StepEnd::warned;
  std::string mark = style_.output.styled(TextStyle::good, "✓");
  if (end == StepEnd::failed) mark = style_.output.styled(TextStyle::bad, "✗");
  if (end == StepEnd::warned) mark = style_.output.styled(TextStyle::warning, "!");
  const std::string line = mark + " " + words_of(step_, end == StepEnd::done);
  step_.Clear();
  step_was_warned_ = false;
  print({line});
}

void TokenOnTerminal::on_step(const v1::StepReached& step) {
  if (step.step() == v1::STEP_CAPTURED) take_keys(false);
  complete_step(StepEnd::done);
  step_ = step;
  step_was_warned_ = false;
  if (step.step() == v1::STEP_MINT) take_keys(true);
  paint();
}

void TokenOnTerminal::on_frame(const v1::Frame& frame) {
  frame_.apply(frame);
  paint();
}

void TokenOnTerminal::on_authorize_url(const std::string& url) {
  if (url == url_ || session_.is_captured()) return;
  url_ = url;
  qr_.emplace(url);
  // Another QR code takes the place of the one on the screen.
  show_qr(false);
  paint();
}

void TokenOnTerminal::on_notice(const v1::Notice& notice) {
  if (notice.severity() == v1::SEVERITY_WARNING) step_was_warned_ = true;
  show_notice(notice);
}

void TokenOnTerminal::show_notice(const v1::Notice& notice) {
  const bool warning = notice.severity() == v1::SEVERITY_WARNING;
  std::vector<std::string> lines;
  lines.push_back(style_.output.styled(warning ? TextStyle::warning : TextStyle::dim, warning ? "warning:" : "note:") +
                  " " + printable(notice.message(), 1000));
  if (const std::string remedy = remedy_line(notice.remedy(), style_.typed); !remedy.empty()) {
    lines.push_back(style_.output.styled(TextStyle::dim, "try:") + " " + remedy);
  }
  print(lines);
}

void TokenOnTerminal::on_browser_failed(const std::string& message) {
  style_.opens_here = false;
  v1::Notice notice;
  notice.set_severity(v1::SEVERITY_WARNING);
  notice.set_message("no browser opened here: " + message);
  show_notice(notice);
}

void TokenOnTerminal::on_question(const v1::Question& question) {
  // The daemon asks because the step failed.
  complete_step(StepEnd::failed);
  if (style_.yes) {
    // A second question is cancelled, and the daemon reports the reason.
    if (!session_.answer_unasked(question)) session_.cancel();
    return;
  }
  question_ = question;
  typed_.clear();
  take_keys(false);
  std::string out = region_.clear() + printable(question.text(), 1000) + "\r\n";
  int number = 0;
  for (const v1::Choice& choice : question.choices()) {
    out += "  " + std::to_string(++number) + "  " + printable(choice.text()) + "\r\n";
  }
  outlet_.show(out + "Your choice (Ctrl-C: none of them): ");
}

void TokenOnTerminal::answer(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  int number = 0;
  const auto parsed = std::from_chars(line.data(), line.data() + line.size(), number);
  if (parsed.ec == std::errc() && parsed.ptr == line.data() + line.size() && number >= 1 &&
      number <= question_.choices_size()) {
    session_.answer(question_.choices(number - 1));
    return paint();
  }
  for (const v1::Choice& choice : question_.choices()) {
    if (word_of_key(choice.key()) != line) continue;
    session_.answer(choice);
    return paint();
  }
  outlet_.show("Enter one of the numbers: ");
}

void TokenOnTerminal::input(std::string_view bytes, Time now) {
  if (session_.is_asking()) {
    typed_ += bytes;
    const auto end = typed_.find('\n');
    if (end == std::string::npos) return;
    const std::string line = typed_.substr(0, end);
    typed_.clear();
    return answer(line);
  }
  parser_.feed(bytes, now);
  pass_time(now);
}

std::optional<TokenUi::Time> TokenOnTerminal::deadline() const {
  return keys_taken_ ? parser_.deadline() : std::nullopt;
}

void TokenOnTerminal::pass_time(Time now) {
  if (!keys_taken_) return;
  std::vector<Input> taken = parser_.take(now);
  if (taken.empty()) return;
  said_.clear();
  Secret for_claude;
  for (Input& input : taken) {
    if (auto* key = std::get_if<Key>(&input)) {
      on_key(*key, for_claude);
      // It may be a part of a code.
      sodium_memzero(key->bytes.data(), key->bytes.size());
    } else if (const auto* paste = std::get_if<Paste>(&input)) {
      send_keys(for_claude);
      on_paste(*paste);
    }
  }
  send_keys(for_claude);
  paint();
}

void TokenOnTerminal::send_keys(Secret& keys) {
  if (!keys.empty()) session_.send_keys(keys.view());
  keys.clear();
}

void TokenOnTerminal::on_key(const Key& key, Secret& for_claude) {
  if (key.is_ctrl(U'c') || key.is_ctrl(U'z')) {
    send_keys(for_claude);
    if (key.is_ctrl(U'z')) return outlet_.stop_job();
    return session_.interrupt();
  }
  if (has_whole_screen_) {
    wants_qr_ = false;
  } else if (std::exchange(is_menu_open_, false)) {
    if (key.is_letter(U'c')) copy_link();
    if (key.is_letter(U'q')) wants_qr_ = !wants_qr_;
  } else if (key.is_ctrl(U'g') && !url_.empty()) {
    send_keys(for_claude);
    is_menu_open_ = true;
  } else if (key.name == KeyName::enter && !has_input_ && !url_.empty()) {
    // An Enter on claude's empty line is an empty code, which claude refuses.
    said_ = "Paste the code first, then press Enter.";
  } else {
    has_input_ = key.name != KeyName::enter;
    for_claude.append(key.bytes);
  }
}

void TokenOnTerminal::on_paste(const Paste& paste) {
  is_menu_open_ = false;
  if (has_whole_screen_) wants_qr_ = false;
  const std::optional<Secret> code = code_in(paste);
  if (!code) {
    said_ = "That is too long for a code.";
  } else if (!code->empty()) {
    has_input_ = true;
    session_.send_code(code->view());
  }
}

void TokenOnTerminal::copy_link() {
  const auto sequence = clipboard_sequence(url_);
  if (!sequence) return;
  outlet_.show(*sequence);
  said_ = "The link was sent to the clipboard.";
}

void TokenOnTerminal::redraw() {
  const CellSize size = outlet_.size();
  if (size != sent_size_ && !session_.is_captured()) {
    sent_size_ = size;
    session_.send_size(size.rows, size.columns);
  }
  if (session_.is_asking()) return;
  if (!has_whole_screen_) {
    draw_all();
  } else {
    is_outdated_ = true;
    if (qr_->fits(size)) outlet_.show(qr_->drawn(size));
  }
  paint();
}

// The terminal may have rewrapped the old lines, so their positions are unknown. The scrollback remains.
void TokenOnTerminal::draw_all() {
  std::string out = "\x1b[H\x1b[2J";
  region_.forget();
  for (const std::string& line : printed_) out += line + "\r\n";
  outlet_.show(out);
}

void TokenOnTerminal::finish(bool succeeded) {
  take_keys(false);
  // A step that the daemon continues without the client has neither failed nor succeeded.
  if (session_.departure() != Departure::none && session_.is_captured()) step_.Clear();
  complete_step(succeeded ? StepEnd::done : StepEnd::failed);
  const std::string out = region_.clear();
  if (!out.empty()) outlet_.show(out);
}

}  // namespace jackin::client
