// SPDX-License-Identifier: Apache-2.0
#include "client/cli/token_without_terminal.hpp"

#include <algorithm>

#include "client/rpc/proto_conversion.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

// The length of the longest code that the daemon accepts.
constexpr std::size_t code_limit = 4096;

constexpr std::string_view blanks = " \t\r\n";

}  // namespace

Error no_consent_possible() {
  return {Reason::needs_confirmation,
          "creating a token needs your consent, but this is not a terminal and stdin is empty",
          Remedy::try_again("in a terminal")};
}

void TokenWithoutTerminal::input(std::string_view bytes, Time /*now*/) {
  // Passes over blank lines, and blanks before the code.
  if (line_.empty()) bytes.remove_prefix(std::min(bytes.find_first_not_of(blanks), bytes.size()));
  const auto end = bytes.find('\n');
  line_.append(bytes.substr(0, end));
  if (end != std::string_view::npos || line_.size() > code_limit) line_is_whole();
}

void TokenWithoutTerminal::input_ended() {
  ended_ = true;
  // The last line may lack a line end.
  if (!line_.empty()) return line_is_whole();
  session_.give_up(no_consent_possible());
}

// The line may arrive before claude asks for the code.
void TokenWithoutTerminal::line_is_whole() {
  whole_ = true;
  if (!url_.empty()) send_code();
}

void TokenWithoutTerminal::send_code() {
  if (sent_) return;
  sent_ = true;
  std::string_view code = line_.view();
  code = code.substr(0, code.find_last_not_of(blanks) + 1);
  session_.send_code(code);
  line_.clear();
}

void TokenWithoutTerminal::on_step(const v1::StepReached& step) {
  minting_ = step.step() == v1::STEP_MINT;
}

void TokenWithoutTerminal::on_authorize_url(const std::string& url) {
  if (url == url_) return;
  url_ = url;
  minting_ = true;
  outlet_.show("open: " + url + "\n");
  if (prompts_) outlet_.show("then type the code that the page shows at the end, and press Enter\n");
  if (whole_) send_code();
}

void TokenWithoutTerminal::on_notice(const v1::Notice& notice) {
  std::string text = notice.severity() == v1::SEVERITY_WARNING ? "warning: " : "note: ";
  text += printable(notice.message(), 1000) + "\n";
  const std::string remedy = remedy_line(notice.remedy(), typed_);
  if (!remedy.empty()) text += "try: " + remedy + "\n";
  outlet_.show(text);
}

void TokenWithoutTerminal::on_question(const v1::Question& question) {
  if (yes_) {
    // A second question is cancelled, and the daemon reports the reason.
    if (!session_.answer_unasked(question)) session_.cancel();
    return;
  }
  if (TokenSession::offers_keeping(question) && session_.answer_unasked(question)) return;
  std::string how = "in a terminal";
  if (!question.choices().empty()) how += ", or with --yes for " + printable(question.choices(0).text());
  session_.give_up({Reason::needs_confirmation, printable(question.text(), 1000), Remedy::try_again(std::move(how))});
}

}  // namespace jackin::client
