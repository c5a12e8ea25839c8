// SPDX-License-Identifier: Apache-2.0
// Every state of the screen as text, in snapshots/. After an intended change run snapshots/regenerate, which shows the
// difference.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "client/terminal/text.hpp"
#include "client/tui/view/view.hpp"
#include "tests/unit/client/tui/sample.hpp"

namespace jackin::tui {
namespace {

struct Variant {
  const char* name;
  CellSize size;
  Environment environment;
};

std::vector<Variant> variants() {
  const Environment usual(Environment::Variables{{"TERM", "xterm-256color"}, {"LANG", "C.UTF-8"}});
  return {{"60x15", {15, 60}, usual},
          {"80x24", {24, 80}, usual},
          {"120x40", {40, 120}, usual},
          {"200x60", {60, 200}, usual},
          {"80x24 NO_COLOR",
           {24, 80},
           Environment(Environment::Variables{{"TERM", "xterm-256color"}, {"LANG", "C.UTF-8"}, {"NO_COLOR", "1"}})},
          {"80x24 TERM=linux", {24, 80}, Environment(Environment::Variables{{"TERM", "linux"}, {"LANG", "C.UTF-8"}})},
          {"80x24 LANG=C", {24, 80}, Environment(Environment::Variables{{"TERM", "xterm-256color"}, {"LANG", "C"}})}};
}

std::string color_text(const char* name, const CellColor& color) {
  if (color.kind == CellColor::Kind::standard) return {};
  std::ostringstream text;
  text << " " << name << "=" << (color.kind == CellColor::Kind::rgb ? "#" : "") << std::hex << color.value;
  return text.str();
}

std::string style_text(const CellStyle& style) {
  std::string text;
  if (style.bold) text += " bold";
  if (style.dim) text += " dim";
  if (style.underline) text += " underline";
  if (style.reverse) text += " reverse";
  if (style.strike) text += " strike";
  return text + color_text("fg", style.foreground) + color_text("bg", style.background);
}

// One line per run of cells in one style, such as "4 0-79 bold reverse": row, columns, style.
std::string styles_of(const Cells& cells) {
  std::ostringstream text;
  for (int row = 0; row < cells.size().rows; ++row) {
    for (int first = 0; first < cells.size().columns;) {
      int last = first;
      while (last + 1 < cells.size().columns && cells.at(row, last + 1).style == cells.at(row, first).style) ++last;
      const std::string style = style_text(cells.at(row, first).style);
      if (!style.empty()) text << row << " " << first << "-" << last << style << "\n";
      first = last + 1;
    }
  }
  return text.str();
}

std::string snapshot_of(Model model) {
  std::ostringstream text;
  std::string colored;
  for (const Variant& variant : variants()) {
    update(model, Resized{variant.size});
    const Cells cells = render(model, theme_of(variant.environment));
    EXPECT_EQ(cells.size(), variant.size);
    text << "=== " << variant.name << "\n";
    for (int row = 0; row < cells.size().rows; ++row) text << cells.text_of(row) << "\n";
    if (cells.cursor) text << "--- cursor " << cells.cursor->row << " " << cells.cursor->column << "\n";
    const std::string styles = styles_of(cells);
    const std::string name = variant.name;
    if (name == "80x24") colored = styles;
    if (name == "80x24") text << "--- styles\n" << styles;
    if (name == "80x24 NO_COLOR") text << "--- styles\n" << styles;
  }
  return text.str();
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

class Snapshot : public testing::TestWithParam<std::string> {};

TEST_P(Snapshot, Unchanged) {
  const std::filesystem::path expected = std::filesystem::path(JACKIN_TEST_SNAPSHOTS) / (GetParam() + ".txt");
  const std::string seen = snapshot_of(sample_states().at(GetParam()));
  if (std::getenv("JACKIN_WRITE_SNAPSHOTS") != nullptr) {
    write(expected, seen);
    return;
  }
  if (read(expected) == seen) return;
  const std::filesystem::path actual = std::filesystem::path(JACKIN_TEST_SNAPSHOTS_SEEN) / (GetParam() + ".txt");
  write(actual, seen);
  const std::string command = "diff -u '" + expected.string() + "' '" + actual.string() + "' >&2";
  [[maybe_unused]] const int status = std::system(command.c_str());
  FAIL() << "the screen differs from its snapshot; if intended, run tests/unit/client/tui/snapshots/regenerate";
}

std::vector<std::string> state_names() {
  std::vector<std::string> names;
  for (const auto& [name, model] : sample_states()) names.push_back(name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(States, Snapshot, testing::ValuesIn(state_names()),
                         [](const auto& state) { return state.param; });

TEST(Snapshots, EachFile_HasAState) {
  for (const auto& entry : std::filesystem::directory_iterator(JACKIN_TEST_SNAPSHOTS)) {
    if (entry.path().extension() != ".txt") continue;
    EXPECT_TRUE(sample_states().contains(entry.path().stem())) << entry.path();
  }
}

TEST(View, AnySize_Drawn) {
  const Theme theme;
  for (const auto& [name, state] : sample_states()) {
    Model model = state;
    for (const CellSize size : {CellSize{1, 1}, CellSize{2, 300}, CellSize{3, 20}, CellSize{5, 10}, CellSize{8, 40},
                                CellSize{100, 30}, CellSize{15, 79}, CellSize{16, 80}}) {
      update(model, Resized{size});
      EXPECT_EQ(render(model, theme).size(), size) << name;
    }
  }
}

TEST(View, NoColours_SameCharacters) {
  // The same characters must be drawn without colours.
  const Theme colors;
  const Theme no_colors{.color = false};
  for (const auto& [name, model] : sample_states()) {
    const Cells with = render(model, colors);
    const Cells without = render(model, no_colors);
    for (int row = 0; row < with.size().rows; ++row) EXPECT_EQ(with.text_of(row), without.text_of(row)) << name;
  }
}

TEST(View, NoUtf8_OnlyAsciiCharacters) {
  const Theme ascii{.glyphs = false, .lines = false};
  for (const auto& [name, state] : sample_states()) {
    if (name == "consent_qr") continue;
    Model model = state;
    const Cells cells = render(model, ascii);
    for (int row = 0; row < cells.size().rows; ++row) {
      for (const char byte : cells.text_of(row))
        EXPECT_LT(static_cast<unsigned char>(byte), 0x80) << name << ": " << cells.text_of(row);
    }
  }
}

TEST(View, OutsideTextWithControlCharacters_Drawable) {
  Model model = sample_model();
  Row row = model.rows.at(scope_of("billing"));
  row.summary = "a\x1b[2Jb\rc\x07";
  row.source = "\x1b]52;c;aGVsbG8=\x07";
  row.history = {"\xff\xfe broken \xc2"};
  model.rows.at(row.scope) = row;
  const Cells cells = render(model, Theme());
  for (int at = 0; at < cells.size().rows; ++at) {
    const std::string text = cells.text_of(at);
    EXPECT_EQ(client::drawable(text), text);
  }
}

}  // namespace
}  // namespace jackin::tui
