// SPDX-License-Identifier: Apache-2.0
#include "client/cli/token_on_terminal.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "client/rpc/proto_conversion.hpp"
#include "client/terminal/health_mark.hpp"
#include "client/terminal/qr_code.hpp"
#include "client/terminal/text.hpp"
#include "common/untrusted_text.hpp"
#include "proto/enum_conversion.hpp"

namespace jackin::client {
namespace {

constexpr char ctrl_c = '\x03';
constexpr char ctrl_z = '\x1a';

// With fewer rows for claude's screen, users could not see what they type.
constexpr int fewest_rows = 6;

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
  keys_taken_ = taken;
  outlet_.take_keys(taken);
}

void TokenOnTerminal::paint() {
  if (session_.is_asking()) return;
  const CellSize size = outlet_.size();
  ScreenLines shown;
  if (step_.step() != v1::STEP_UNSPECIFIED) {
    shown.lines.push_back(style_.output.styled(TextStyle::strong, cut_to("› " + words_of(step_, false), size.columns)));
  }
  if (keys_taken_) {
    // The rows above claude's screen that must stay visible, so that a phone can scan the QR code.
    const int kept = url_.empty() || !style_.qr ? 0
                                                : static_cast<int>(link_lines(size).size()) - 1 +
                                                      (display_width(url_) + size.columns - 1) / size.columns;
    const int height = std::max(fewest_rows, size.rows - 1 - kept) - static_cast<int>(shown.lines.size());
    const ScreenLines claude = frame_.lines({std::min(height, size.rows - 2), size.columns}, style_.output);
    const int above = static_cast<int>(shown.lines.size());
    shown.lines.insert(shown.lines.end(), claude.lines.begin(), claude.lines.end());
    if (claude.cursor_row >= 0) {
      shown.cursor_row = claude.cursor_row + above;
      shown.cursor_column = claude.cursor_column;
    }
  }
  const std::string update = region_.show(shown, size.columns);
  if (!update.empty()) outlet_.show(update);
}

void TokenOnTerminal::print(const std::vector<std::string>& lines) {
  std::string out = region_.clear();
  for (const std::string& line : lines) out += line + "\r\n";
  outlet_.show(out);
  paint();
}

void TokenOnTerminal::complete_step(StepEnd end) {
  if (step_.step() == v1::STEP_UNSPECIFIED) return;
  // A notice was shown for this step: it ended, but with a warning.
  if (end == StepEnd::done && step_was_warned_) end = StepEnd::warned;
  std::string mark = style_.output.styled(TextStyle::good, "✓");
  if (end == StepEnd::failed) mark = style_.output.styled(TextStyle::bad, "✗");
  if (end == StepEnd::warned) mark = style_.output.styled(TextStyle::warning, "!");
  printed_.push_back(mark + " " + words_of(step_, end == StepEnd::done));
  step_.Clear();
  step_was_warned_ = false;
  print({printed_.back()});
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

std::vector<std::string> TokenOnTerminal::link_lines(CellSize size) const {
  std::vector<std::string> lines;
  lines.push_back(style_.opens_here ? "If no browser has opened, open this and paste the code it ends in:"
                                    : "Open this, and paste the code it ends in:");
  lines.push_back(style_.hyperlinks ? "\x1b]8;;" + url_ + "\x1b\\" + url_ + "\x1b]8;;\x1b\\" : url_);
  if (!style_.qr) return lines;
  const QrCode code = qr_code(url_);
  const int rows = static_cast<int>(code.lines.size()) + fewest_rows + 2 + display_width(url_) / size.columns;
  if (code.lines.empty() || code.columns > size.columns || rows > size.rows) {
    lines.push_back(style_.output.styled(TextStyle::dim, "(the QR code needs a terminal of " + std::to_string(rows) +
                                                             " rows and " + std::to_string(code.columns) +
                                                             " columns)"));
    return lines;
  }
  lines.insert(lines.end(), code.lines.begin(), code.lines.end());
  return lines;
}

void TokenOnTerminal::on_authorize_url(const std::string& url) {
  if (url == url_ || session_.is_captured()) return;
  url_ = url;
  print(link_lines(outlet_.size()));
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
  printed_.insert(printed_.end(), lines.begin(), lines.end());
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

void TokenOnTerminal::input(std::string_view bytes) {
  if (session_.is_asking()) {
    typed_ += bytes;
    const auto end = typed_.find('\n');
    if (end == std::string::npos) return;
    const std::string line = typed_.substr(0, end);
    typed_.clear();
    return answer(line);
  }
  while (!bytes.empty()) {
    const auto end = std::min(bytes.find(ctrl_c), bytes.find(ctrl_z));
    if (end != 0) session_.send_keys(bytes.substr(0, end));
    if (end == std::string_view::npos) return;
    if (bytes[end] == ctrl_c) {
      session_.interrupt();
    } else {
      outlet_.stop_job();
    }
    bytes.remove_prefix(end + 1);
  }
}

void TokenOnTerminal::redraw() {
  const CellSize size = outlet_.size();
  if (size != sent_size_ && !session_.is_captured()) {
    sent_size_ = size;
    session_.send_size(size.rows, size.columns);
  }
  if (session_.is_asking()) return;
  // The terminal may have rewrapped the old lines, so their positions are unknown. The scrollback remains.
  std::string out = "\x1b[H\x1b[2J";
  region_.forget();
  for (const std::string& line : printed_) out += line + "\r\n";
  if (!url_.empty() && !session_.is_captured()) {
    for (const std::string& line : link_lines(size)) out += line + "\r\n";
  }
  outlet_.show(out);
  paint();
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
