// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/error_text.hpp"

#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

constexpr std::size_t message_limit = 2000;

}  // namespace

std::string error_text(const Error& error, Format format, const OutputStyle& output, const TypedCommand& typed) {
  const std::string message = printable(error.message, message_limit);
  const std::string remedy = command_line(error.remedy, typed);
  if (format == Format::json) {
    Json inner;
    inner["reason"] = to_code(error.reason);
    inner["message"] = message;
    put_text(inner, "remedy", remedy);
    Json outer;
    outer["error"] = std::move(inner);
    return as_line(outer);
  }
  std::string text = output.styled(TextStyle::bad, "error:") + " " + message + "\n";
  if (!remedy.empty()) text += output.styled(TextStyle::dim, "try:") + " " + remedy + "\n";
  return text;
}

}  // namespace jackin::client
