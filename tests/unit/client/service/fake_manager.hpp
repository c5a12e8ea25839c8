// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "client/service/service_installer.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::client {

/// A home folder, a jackind, and a fake program of a service manager. The program records its calls and whether the
/// service is on. It fails at the calls that the test selects.
class WithManager : public testing::Test {
 protected:
  // `program` is systemctl or launchctl.
  explicit WithManager(const std::string& program) : name_(program) {
    make_program(bin() / "jackind", "");
    make_program(path() / name_, R"(
echo "$*" >> ')" + (temp_ / "calls").string() +
                                     R"('
cd ')" + temp_.path().string() + R"('
if [ -e fail ] && grep -qxF -e "$*" fail; then echo "the manager is not in the mood" >&2; exit 3; fi
[ "$1" != --user ] || shift
case $1 in
  is-active | is-enabled | print) [ -e on ] ;;
  enable) [ "$2" != --now ] || : > on ;;
  bootstrap) : > on ;;
  disable | bootout) rm -f on ;;
esac
)");
    environment_ = Environment({{"HOME", home().string()}, {"PATH", path().string() + ":/usr/bin:/bin"}});
  }

  static void make_program(const std::filesystem::path& path, const std::string& text) {
    test::write_file(path, "#!/bin/sh\n" + text);
    chmod(path.c_str(), 0755);
  }

  std::filesystem::path home() const { return temp_ / "home"; }
  std::filesystem::path bin() const { return temp_ / "programs"; }
  std::filesystem::path path() const { return temp_ / "path"; }

  ServiceDescription service() {
    auto described = describe_service(environment_, bin());
    EXPECT_TRUE(described) << described.error().message;
    return *described;
  }

  EndRunning end_running() {
    return [this]() -> Result<> {
      ++ended_;
      note("(the daemon ends)");
      return end_result_;
    };
  }

  void note(const std::string& line) {
    const auto file = temp_ / "calls";
    test::write_file(file, (std::filesystem::exists(file) ? test::read_file(file) : std::string()) + line + "\n");
  }

  void fail_at(const std::string& call) { test::write_file(temp_ / "fail", call + "\n"); }
  bool is_on() const { return std::filesystem::exists(temp_ / "on"); }

  // The calls of the program since the last call of this function, one on each line.
  std::string calls() {
    const auto file = temp_ / "calls";
    if (!std::filesystem::exists(file)) return {};
    std::string text = test::read_file(file);
    std::filesystem::remove(file);
    return text;
  }

  test::TempDir temp_;
  std::string name_;
  Environment environment_;
  int ended_ = 0;
  Result<> end_result_;
};

}  // namespace jackin::client
