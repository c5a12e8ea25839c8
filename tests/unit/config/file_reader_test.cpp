// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/file_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <asio/executor_work_guard.hpp>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/remedy_command.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"

namespace jackin::config {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// A file system of which some paths do not answer. Threads may outlive the test, so it is shared.
class FakeFiles : public std::enable_shared_from_this<FakeFiles> {
 public:
  void link(const std::string& path, const std::string& target) {
    const std::lock_guard lock(mutex_);
    links_[path] = target;
  }
  void hang(const std::string& path) {
    const std::lock_guard lock(mutex_);
    hanging_.insert(path);
  }
  // Releases all hanging calls; later calls do not hang.
  void answer() {
    const std::lock_guard lock(mutex_);
    hanging_.clear();
    changed_.notify_all();
  }
  void until_hanging(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ == count; });
  }
  void mount(const std::string& point) { mount_ = point; }
  std::vector<std::string> touched() {
    const std::lock_guard lock(mutex_);
    return touched_;
  }

  FileCalls calls() {
    FileCalls calls;
    calls.target_of = [self = shared_from_this()](const std::string& path) { return self->target_of(path); };
    calls.read = [](const std::string& path, const Paths&, const std::shared_ptr<const ParsedFile>&) -> ReadFile {
      auto file = std::make_shared<ParsedFile>();
      file->path = path;
      return file;
    };
    calls.mount_of = [self = shared_from_this()](const std::string& path) {
      return !self->mount_.empty() && path.starts_with(self->mount_) ? self->mount_ : std::string();
    };
    calls.list = [](const Paths&) -> Result<WorkspaceFiles> { return WorkspaceFiles{{"a"}, {}}; };
    return calls;
  }

 private:
  std::optional<std::string> target_of(const std::string& path) {
    std::unique_lock lock(mutex_);
    touched_.push_back(path);
    if (hanging_.contains(path)) {
      ++waiting_;
      changed_.notify_all();
      changed_.wait(lock, [&] { return !hanging_.contains(path); });
      --waiting_;
    }
    const auto found = links_.find(path);
    return found == links_.end() ? std::nullopt : std::optional(found->second);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::string> links_;
  std::set<std::string> hanging_;
  std::vector<std::string> touched_;
  std::string mount_;
  std::size_t waiting_ = 0;
};

class FileReaderTest : public testing::Test {
 protected:
  static constexpr std::chrono::milliseconds limit{250};
  using Reads = std::vector<FileReader::Seen>;

  ~FileReaderTest() override { files_->answer(); }

  static std::string file(const std::string& name) { return "/config/workspaces/" + name + ".toml"; }
  test::Started<Reads> start(const std::vector<std::string>& names, std::chrono::milliseconds at_most = limit) {
    std::vector<FileReader::Wanted> wanted;
    for (const auto& name : names) wanted.push_back({file(name), nullptr});
    return {io_, reader_.read(std::move(wanted), at_most)};
  }
  Reads read(const std::vector<std::string>& names) { return start(names).result(); }
  // The same while `hanging` of them hang: advances the clock by the limit.
  Reads read_until_late(const std::vector<std::string>& names, std::size_t hanging = 1) {
    auto started = start(names);
    started.run_until([&] { return clock_.waiting() == 1; });
    files_->until_hanging(hanging);
    clock_.advance(limit);
    return started.result();
  }
  // Runs until this number of hanging threads has returned.
  void run_until_answered(int count) {
    while (answered_again_ < count) {
      io_.restart();
      io_.run_one();
    }
  }

  static void expect_late(const FileReader::Seen& seen, const std::string& path) {
    ASSERT_FALSE(seen.read);
    EXPECT_EQ(seen.read.error().reason, Reason::timed_out);
    EXPECT_THAT(seen.read.error().message, HasSubstr(" cannot be read: " + path + " does not answer"));
    EXPECT_EQ(command_line(seen.read.error().remedy), "# when " + path + " answers again");
  }

  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> busy_{io_.get_executor()};
  test::FakeClock clock_;
  const Paths paths_{
      .home = "/home", .config_dir = "/config", .state_dir = {}, .data_dir = {}, .runtime_dir = {}, .home_dir = {}};
  std::shared_ptr<FakeFiles> files_ = std::make_shared<FakeFiles>();
  int answered_again_ = 0;
  FileReader reader_{paths_, clock_, [this] { ++answered_again_; }, files_->calls()};
};

TEST_F(FileReaderTest, Read_InOrder_LaterReadsHaveHigherNumbers) {
  const auto first = read({"a", "b"});
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ((*first[0].read)->path, file("a"));
  EXPECT_EQ((*first[1].read)->path, file("b"));
  const auto second = read({"a"});
  EXPECT_GT(second[0].order, first[1].order);
}

TEST_F(FileReaderTest, HangingFile_ErrorNamesThePath_OthersRead) {
  files_->link(file("b"), "/mnt/b.toml");
  files_->hang("/mnt/b.toml");
  const auto seen = read_until_late({"a", "b", "c"});
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_TRUE(seen[0].read);
  expect_late(seen[1], "/mnt/b.toml");
  EXPECT_THAT(seen[1].read.error().message, HasSubstr("workspaces/b.toml"));
  EXPECT_TRUE(seen[2].read);
}

TEST_F(FileReaderTest, HangingFile_DelaysNoOther_NotAccessedAgain) {
  files_->link(file("b"), "/mnt/b.toml");
  files_->link(file("c"), "/mnt/c.toml");
  files_->hang("/mnt/b.toml");
  auto late = start({"b"});
  late.run_until([&] { return clock_.waiting() == 1; });
  files_->until_hanging(1);
  EXPECT_TRUE(read({"a"})[0].read) << "it is read before the other is given up";
  clock_.advance(limit);
  expect_late(late.result()[0], "/mnt/b.toml");
  const auto seen = read({"a", "b", "c"});
  EXPECT_TRUE(seen[0].read);
  expect_late(seen[1], "/mnt/b.toml");
  expect_late(seen[2], "/mnt/b.toml");
  const auto touched = files_->touched();
  EXPECT_EQ(std::count(touched.begin(), touched.end(), "/mnt/b.toml"), 1);
  EXPECT_THAT(touched, Not(Contains("/mnt/c.toml"))) << "it is in the folder that hangs";
}

TEST_F(FileReaderTest, FileAnswersAgain_ReportedAndRead) {
  files_->hang(file("b"));
  expect_late(read_until_late({"b"})[0], file("b"));
  EXPECT_EQ(answered_again_, 0);
  files_->answer();
  run_until_answered(1);
  EXPECT_TRUE(read({"b"})[0].read);
}

TEST_F(FileReaderTest, LinkReplaced_Followed) {
  files_->link(file("b"), "/mnt/b.toml");
  files_->hang("/mnt/b.toml");
  expect_late(read_until_late({"b"})[0], "/mnt/b.toml");
  files_->link(file("b"), "/home/b.toml");
  EXPECT_TRUE(read({"b"})[0].read);
}

TEST_F(FileReaderTest, RelativeLinksAndLinkedFolders_Followed) {
  files_->link("/config", "/mnt/dots");
  files_->link("/mnt/dots/workspaces/b.toml", "../shared/b.toml");
  EXPECT_TRUE(read({"b"})[0].read);
  EXPECT_THAT(files_->touched(), Contains("/mnt/dots/shared/b.toml"));
}

TEST_F(FileReaderTest, HangingFolder_OneThread) {
  files_->hang("/config");
  const auto seen = read_until_late({"a", "b", "c"});
  for (const auto& one : seen) expect_late(one, "/config");
  const auto again = read({"d"});
  expect_late(again[0], "/config");
  auto listing = reader_.list(limit);
  const auto listed = test::await(io_, std::move(listing));
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().reason, Reason::timed_out);
  const auto touched = files_->touched();
  EXPECT_EQ(std::count(touched.begin(), touched.end(), "/config"), 1);
}

TEST_F(FileReaderTest, ManyHangingFiles_FolderNotAccessed) {
  std::vector<std::string> names;
  for (int i = 0; i < 9; ++i) names.push_back("f" + std::to_string(i));
  for (const auto& name : names) files_->hang(file(name));
  for (std::size_t i = 0; i < 8; ++i) read_until_late({names[i]}, i + 1);
  ASSERT_FALSE(read({names[8]})[0].read);
  EXPECT_THAT(files_->touched(), Not(Contains(file(names[8]))));
  files_->answer();
  run_until_answered(8);
  EXPECT_TRUE(read({names[8]})[0].read);
}

TEST_F(FileReaderTest, ManyHangingFilesOnOneMount_MountNotAccessed) {
  files_->mount("/mnt");
  std::vector<std::string> names;
  for (int i = 0; i < 9; ++i) names.push_back("f" + std::to_string(i));
  for (const auto& name : names) {
    files_->link(file(name), "/mnt/" + name + "/file");
    files_->hang("/mnt/" + name + "/file");
  }
  for (std::size_t i = 0; i < 8; ++i) read_until_late({names[i]}, i + 1);
  ASSERT_FALSE(read({names[8]})[0].read);
  EXPECT_THAT(files_->touched(), Not(Contains("/mnt/f8/file")));
  EXPECT_TRUE(read({"other"})[0].read);
}

TEST_F(FileReaderTest, FileHungForLessThanTheLimit_TriedAgain) {
  files_->hang(file("b"));
  expect_late(read_until_late({"b"})[0], file("b"));
  auto patient = start({"b"}, 2 * limit);
  patient.run_until([&] { return clock_.waiting() == 1; });
  files_->until_hanging(2);
  clock_.advance(limit);
  auto impatient = start({"b"}, limit);
  expect_late(impatient.result()[0], file("b"));
  files_->answer();
  EXPECT_TRUE(patient.result()[0].read);
}

TEST_F(FileReaderTest, CallerCancelled_AnswerReturned) {
  files_->hang(file("a"));
  auto started = start({"a"});
  started.run_until([&] { return clock_.waiting() == 1; });
  files_->until_hanging(1);
  started.cancel();
  files_->answer();
  EXPECT_TRUE(started.result()[0].read);
}

}  // namespace
}  // namespace jackin::config
