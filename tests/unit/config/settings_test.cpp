// SPDX-License-Identifier: Apache-2.0
// jackind.toml.

#include "daemon/config/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>

#include "tests/support/sandbox.hpp"
#include "tests/unit/config/sources.hpp"

namespace jackin::config {
namespace {

std::string error_of(std::string_view text) {
  const auto settings = parse_settings(text, "jackind.toml");
  if (settings) return "";
  EXPECT_EQ(settings.error().reason, Reason::config_invalid);
  return settings.error().message;
}

TEST(Settings, Defaults_ForEveryKey) {
  EXPECT_EQ(*parse_settings("", "jackind.toml"), Settings{});
  const test::Sandbox sandbox;
  EXPECT_EQ(load_settings(sandbox.paths)->settings, Settings{});
}

// The headings and keys of the page: `.Ss [cache]`, `.It Ic ttl No = Qq 10m`.
TEST(Settings, Manual_ListsEveryKeyWithDefault) {
  std::ifstream page(JACKIND_TOML_PAGE);
  ASSERT_TRUE(page);
  const std::regex heading(R"(\.Ss \[(\w+)\])");
  const std::regex key(R"(\.It Ic (\w+) No = (Qq )?(.*))");
  std::vector<std::string> names;
  std::string table;
  std::string text;
  std::smatch found;
  for (std::string line; std::getline(page, line);) {
    if (std::regex_match(line, found, heading)) {
      table = found[1];
      text += "[" + table + "]\n";
    } else if (std::regex_match(line, found, key)) {
      names.push_back(table + "." + found[1].str());
      const std::string quote = found[2].length() > 0 ? "\"" : "";
      // This key has no default: the page shows an example.
      if (names.back() != "notify.command") text += found[1].str() + " = " + quote + found[3].str() + quote + "\n";
    }
  }
  EXPECT_THAT(names, testing::UnorderedElementsAreArray(setting_names()));
  auto settings = parse_settings(text, "jackind.toml");
  ASSERT_TRUE(settings) << settings.error().message;
  // The absent key means the operating system's store, else `file`; it has no value for that.
  EXPECT_EQ(settings->store_default, SourceKind::file);
  settings->store_default.reset();
  EXPECT_EQ(*settings, Settings{});
}

TEST(Settings, Parse_EveryKey) {
  const auto settings = parse_settings(R"(
[slot]
style = "bridge"
[upstream]
check = "off"
base_url = "https://api.example.test/v"
[cache]
ttl = "90s"
[notify]
enabled = false
command = ["/bin/notify", "-x"]
[health]
max_age = "2h"
refresh = "30m"
[store]
default = "secret-service"
[log]
level = "debug"
)",
                                       "jackind.toml");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->slot_style, SlotPreference::bridge);
  EXPECT_FALSE(settings->upstream_check);
  EXPECT_EQ(settings->upstream_base_url, "https://api.example.test/v");
  EXPECT_EQ(settings->cache_ttl, std::chrono::seconds(90));
  EXPECT_FALSE(settings->notify_enabled);
  EXPECT_EQ(settings->notify_command, (std::vector<std::string>{"/bin/notify", "-x"}));
  EXPECT_EQ(settings->health_max_age, std::chrono::hours(2));
  EXPECT_EQ(settings->health_refresh, std::chrono::minutes(30));
  EXPECT_EQ(settings->store_default, SourceKind::secret_service);
  EXPECT_EQ(settings->log_level, "debug");
  EXPECT_EQ(parse_settings("health.refresh = 'off'", "x")->health_refresh, std::nullopt);
  EXPECT_EQ(parse_settings("notify.command = '/bin/n'", "x")->notify_command, std::vector<std::string>{"/bin/n"});
}

TEST(Settings, Parse_UnknownKey_ErrorNamesPlace) {
  EXPECT_EQ(error_of("[slots]\n"), "jackind.toml:1:2: 'slots' is not known");
  EXPECT_EQ(error_of("# é\n[slot]\n  stile = \"auto\"\n"), "jackind.toml:3:3: [slot] has no key 'stile'");
  EXPECT_EQ(error_of("\nslot = 1\n"), "jackind.toml:2:8: 'slot' takes a table");
}

TEST(Settings, Parse_WrongValue_ErrorNamesPlace) {
  EXPECT_EQ(error_of("[slot]\nstyle = \"canon\"\n"),
            "jackind.toml:2:9: 'style' takes one of \"auto\", \"canonical\", \"bridge\", \"external\"");
  for (const std::string_view text :
       {"[slot]\nstyle = 1\n", "[cache]\nttl = 600\n", "[cache]\nttl = \"10\"\n", "[cache]\nttl = \"-1m\"\n",
        "[notify]\nenabled = \"yes\"\n", "[notify]\ncommand = []\n", "[notify]\ncommand = [1]\n",
        "[notify]\ncommand = \"\"\n", "[health]\nmax_age = \"soon\"\n", "[health]\nrefresh = \"0s\"\n",
        "[health]\nrefresh = false\n", "[store]\ndefault = \"pass\"\n", "[log]\nlevel = \"loud\"\n",
        "[upstream]\ncheck = true\n", "[upstream]\nbase_url = \"http://api.example.test\"\n"}) {
    EXPECT_TRUE(error_of(text).starts_with("jackind.toml:2:")) << text << error_of(text);
  }
}

}  // namespace
}  // namespace jackin::config
