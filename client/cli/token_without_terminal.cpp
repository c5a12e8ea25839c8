#include "client/cli/token_without_terminal.hpp"

#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

// The daemon takes no longer one.
constexpr std::size_t code_limit = 4096;

}  // namespace

void TokenWithoutTerminal::input(std::string_view bytes) {
  const auto end = bytes.find('\n');
  line_.append(bytes.substr(0, end));
  if (end != std::string_view::npos || line_.size() > code_limit) send_code(line_.view());
}

void TokenWithoutTerminal::input_ended() {
  // A last line need not end.
  if (!line_.empty()) return send_code(line_.view());
  wants_code_ = false;
  give_up({Reason::needs_confirmation, "there is no terminal, and no code came on stdin",
           "run it in a terminal, or give the code of the page as one line on stdin"});
}

void TokenWithoutTerminal::send_code(std::string_view code) {
  while (!code.empty() && (code.back() == '\r' || code.back() == ' ')) code.remove_suffix(1);
  v1::PersonInput input;
  input.set_code(std::string(code));
  outlet_.send(std::move(input));
  line_.clear();
  wants_code_ = false;
}

void TokenWithoutTerminal::on_step(const v1::StepReached&) {
  if (captured_) wants_code_ = false;
}

void TokenWithoutTerminal::on_authorize_url(const std::string& url) {
  if (url == url_) return;
  url_ = url;
  outlet_.show("open: " + url + "\n");
  wants_code_ = true;
}

void TokenWithoutTerminal::on_notice(const v1::Notice& notice) {
  std::string text = notice.severity() == "warning" ? "warning: " : "note: ";
  text += printable(notice.message(), 1000) + "\n";
  if (!notice.remedy().empty()) text += "try: " + printable(notice.remedy(), 1000) + "\n";
  outlet_.show(text);
}

void TokenWithoutTerminal::on_question(const v1::Question& question) {
  if (yes_ && !question.choices().empty()) return send_answer(question.choices(0).key());
  give_up({Reason::needs_confirmation, printable(question.text(), 1000),
           "run it in a terminal, or with --yes for " +
               (question.choices().empty() ? std::string("the first choice") : printable(question.choices(0).text()))});
}

}  // namespace jackin::client
