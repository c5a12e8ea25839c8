// SPDX-License-Identifier: Apache-2.0
#include "client/terminal/frame_rows.hpp"

#include <algorithm>

#include "client/terminal/text.hpp"

namespace jackin::client {
namespace {

// No terminal is larger. A size from the protocol cannot allocate more than this.
constexpr unsigned largest = 1000;

int bounded(unsigned number) {
  return static_cast<int>(std::min(number, largest));
}

bool shows_something(const v1::StyledRun& run) {
  return run.reverse() || run.has_background() || run.underline() ||
         run.text().find_first_not_of(' ') != std::string::npos;
}

std::string text_of(const v1::FrameRow& row) {
  std::string text;
  for (const v1::StyledRun& run : row.runs()) text += drawable(run.text());
  const bool is_drawn = std::any_of(row.runs().begin(), row.runs().end(), shows_something);
  return is_drawn && text.find_first_not_of(' ') == std::string::npos ? "\u00a0" : text;
}

}  // namespace

void FrameRows::apply(const v1::Frame& frame) {
  const CellSize size{bounded(frame.size().rows()), bounded(frame.size().columns())};
  if (size != size_) {
    size_ = size;
    rows_.assign(static_cast<std::size_t>(size.rows), {});
  }
  for (const v1::FrameRow& row : frame.rows()) {
    if (row.row() < rows_.size()) rows_[row.row()] = row;
  }
  cursor_ = {bounded(frame.cursor_row()), bounded(frame.cursor_column())};
  cursor_visible_ = frame.cursor_visible();
}

std::optional<FrameRows::Cursor> FrameRows::cursor() const {
  if (!cursor_visible_ || cursor_.row >= size_.rows) return std::nullopt;
  return cursor_;
}

std::vector<std::string> FrameRows::texts() const {
  std::vector<std::string> texts;
  texts.reserve(rows_.size());
  for (const v1::FrameRow& row : rows_) texts.push_back(text_of(row));
  return texts;
}

}  // namespace jackin::client
