// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/file_store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <future>
#include <memory>

#include "common/paths.hpp"
#include "common/remedy_command.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/temp_dir.hpp"

namespace jackin::secrets {
namespace {

namespace fs = std::filesystem;
using test::await;

class FileStoreTest : public testing::Test {
 protected:
  static PlaceRequest request(const Scope& scope, std::string id = "abcdefghijklmnopqrstuvwxyz") {
    PlaceRequest wanted;
    wanted.scope = scope;
    wanted.operation_id = std::move(id);
    return wanted;
  }
  static Scope workspace(std::string_view name) { return *Scope::workspace(name); }

  Place plan(const PlaceRequest& wanted) {
    auto place = await(io_, store_->plan(wanted, {}));
    if (!place) {
      ADD_FAILURE() << place.error().message;
      return {};
    }
    return std::move(*place);
  }
  Result<StoredItem> put(const Place& place, std::string_view token = "the-token") {
    const Secret secret = Secret::copy_of(token);
    return await(io_, store_->put(place, secret, {}));
  }
  std::size_t files() const {
    if (!fs::exists(secrets_)) return 0;
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(secrets_), fs::directory_iterator()));
  }
  // From now on, calls on files in that folder time out.
  void hang(const fs::path& folder, const std::shared_ptr<std::promise<bool>>& release) {
    auto work = [release]() -> Result<bool> { return release->get_future().get(); };
    test::Started<Result<bool>> hanging(io_, threads_.run(folder.string(), std::chrono::seconds(30), work));
    hanging.run_until([&] { return clock_.waiting() == 1; });
    clock_.advance(std::chrono::seconds(30));
    EXPECT_FALSE(hanging.result());
  }
  bool is_ours(const CredentialSource& source) { return await(io_, store_->is_ours(source, {})).value_or(false); }

  asio::io_context io_;
  test::FakeClock clock_;
  async::TimedCalls threads_{clock_, 1};
  test::TempDir home_;
  fs::path secrets_ = home_ / ".local/share/jackind/tokens";
  fs::path earlier_ = home_ / ".jackin/secrets";
  std::unique_ptr<Store> store_ = file_store(secrets_, earlier_, home_.path(), threads_);
};

TEST_F(FileStoreTest, Put_ReadBack_SameToken) {
  const Place place = plan(request(workspace("my-app")));
  const auto item = put(place);
  ASSERT_TRUE(item) << item.error().message;
  EXPECT_TRUE(item->created);
  EXPECT_EQ(item->source,
            CredentialSource(FileSource{"~/.local/share/jackind/tokens/my-app-abcdefghijklmnopqrstuvwxyz.token"}));
  EXPECT_EQ(item->display, place.display);
  const auto back = await(io_, store_->read_back(*item, nullptr, {}));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->view(), "the-token");
}

TEST_F(FileStoreTest, ReadBack_EveryByte) {
  const auto item = put(plan(request(workspace("w"))), "with a line end\n");
  ASSERT_TRUE(item);
  const auto back = await(io_, store_->read_back(*item, nullptr, {}));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->view(), "with a line end\n");
}

TEST_F(FileStoreTest, Plan_WritesNothingAndNamesOperation) {
  const Place place = plan(request(workspace("my-app")));
  EXPECT_EQ(files(), 0U);
  EXPECT_NE(place.key.find("abcdefghijklmnopqrstuvwxyz"), std::string::npos);
}

TEST_F(FileStoreTest, Put_FileAndFolderArePrivate) {
  const mode_t before = umask(0);
  const auto item = put(plan(request(workspace("my-app"))));
  umask(before);
  ASSERT_TRUE(item);
  EXPECT_EQ(fs::status(secrets_).permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(expand_home(std::get<FileSource>(item->source).path, home_.path())).permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(FileStoreTest, Put_Existing_NotOverwritten) {
  const Place place = plan(request(workspace("my-app")));
  ASSERT_TRUE(put(place, "first"));
  EXPECT_FALSE(put(place, "second"));
  EXPECT_EQ(test::read_file(place.key), "first");
  EXPECT_EQ(files(), 1U);
}

TEST_F(FileStoreTest, Put_AnyWorkspaceName_FileInFolder) {
  for (const std::string& name : {std::string(".hidden"), std::string("-rf"), std::string("a b;c"), std::string("ünï"),
                                  std::string("a:b"), std::string(1000, 'n')}) {
    const auto item =
        put(plan(request(workspace(name), "abcdefghijklmnopqrstuvwxy" + std::to_string(2 + files() % 6))));
    ASSERT_TRUE(item) << name << ": " << item.error().message;
    const fs::path path = expand_home(std::get<FileSource>(item->source).path, home_.path());
    EXPECT_EQ(path.parent_path(), secrets_) << name;
    EXPECT_FALSE(path.filename().string().starts_with('.')) << name;
    EXPECT_TRUE(is_ours(item->source)) << name;
  }
}

TEST_F(FileStoreTest, Plan_UnsupportedFields_Rejected) {
  for (const auto member : {&PlaceRequest::vault, &PlaceRequest::item_name, &PlaceRequest::field,
                            &PlaceRequest::section, &PlaceRequest::account}) {
    PlaceRequest wanted = request(workspace("my-app"));
    wanted.*member = "x";
    const auto place = await(io_, store_->plan(wanted, {}));
    ASSERT_FALSE(place);
    EXPECT_EQ(place.error().reason, Reason::invalid_argument);
  }
}

TEST_F(FileStoreTest, FindByOperation_Found) {
  const auto find = [&](const std::string& id) { return await(io_, store_->find_by_operation(id, "", {})); };
  const std::string id = "abcdefghijklmnopqrstuvwxyz";
  const auto before = find(id);
  ASSERT_TRUE(before);
  EXPECT_FALSE(*before);
  const auto item = put(plan(request(workspace("my-app"), id)));
  ASSERT_TRUE(item);
  const auto found = find(id);
  ASSERT_TRUE(found);
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->source, item->source);
  const auto other = find("zyxwvutsrqponmlkjihgfedcba");
  ASSERT_TRUE(other);
  EXPECT_FALSE(*other);
}

TEST_F(FileStoreTest, FindByOperation_InterruptedWrite_Removed) {
  const std::string id = "abcdefghijklmnopqrstuvwxyz";
  ASSERT_TRUE(put(plan(request(workspace("other"), "zyxwvutsrqponmlkjihgfedcba"))));
  const fs::path left = secrets_ / (".my-app-" + id + ".token.0123456789abcdef~");
  test::write_file(left, "the-tok");
  const auto found = await(io_, store_->find_by_operation(id, "", {}));
  ASSERT_TRUE(found);
  EXPECT_FALSE(*found);
  EXPECT_FALSE(fs::exists(left));
  EXPECT_EQ(files(), 1U);
}

TEST_F(FileStoreTest, Remove_Own_TrueOnlyOnce) {
  const auto item = put(plan(request(workspace("my-app"))));
  ASSERT_TRUE(item);
  EXPECT_EQ(await(io_, store_->remove(item->source, Removal::only_ours, {})), true);
  EXPECT_EQ(files(), 0U);
  EXPECT_EQ(await(io_, store_->remove(item->source, Removal::only_ours, {})), false);
}

TEST_F(FileStoreTest, Remove_ForeignFile_Refused) {
  const std::string id = "abcdefghijklmnopqrstuvwxyz";
  const fs::path mine = home_ / "mine.token";
  const std::vector<fs::path> paths{
      mine,
      secrets_ / "mine.token",
      secrets_ / ("x-" + id),
      secrets_ / ("-" + id + ".token"),
      secrets_ / ("x-" + id.substr(1) + ".token"),
      secrets_ / ("x-" + id.substr(1) + "A.token"),
      secrets_ / "sub" / ("x-" + id + ".token"),
      home_ / ("x-" + id + ".token"),
      secrets_ / ".." / "tokens" / ("x-" + id + ".token"),
  };
  for (const auto& path : paths) {
    test::write_file(path, "the user's");
    const CredentialSource source = FileSource{path.string()};
    EXPECT_FALSE(is_ours(source)) << path;
    const auto removed = await(io_, store_->remove(source, Removal::only_ours, {}));
    ASSERT_FALSE(removed) << path;
    EXPECT_EQ(removed.error().reason, Reason::not_ours) << path;
    EXPECT_TRUE(fs::exists(path)) << path;
  }
  const CredentialSource env = EnvSource{"X"};
  EXPECT_FALSE(is_ours(env));
  EXPECT_FALSE(await(io_, store_->remove(env, Removal::only_ours, {})));
}

TEST_F(FileStoreTest, IsOurs_EitherSpelling) {
  const std::string name = "my-app-abcdefghijklmnopqrstuvwxyz.token";
  EXPECT_TRUE(is_ours(FileSource{"~/.jackin/secrets/" + name}));
  EXPECT_TRUE(is_ours(FileSource{(secrets_ / name).string()}));
  // The folder of earlier versions.
  EXPECT_TRUE(is_ours(FileSource{(earlier_ / name).string()}));
}

TEST_F(FileStoreTest, Availability_FolderWritableByOthers_Unavailable) {
  EXPECT_TRUE(await(io_, store_->availability({})).usable);
  chmod(secrets_.c_str(), 0770);
  const auto now = await(io_, store_->availability({}));
  EXPECT_FALSE(now.usable);
  EXPECT_EQ(command_line(now.remedy), "chmod 700 " + secrets_.string());
  EXPECT_EQ(await(io_, store_->plan(request(workspace("my-app")), {})).error().reason, Reason::permission_denied);
  chmod(secrets_.c_str(), 0700);
  const Place place = plan(request(workspace("my-app")));
  chmod(secrets_.c_str(), 0770);
  const auto item = put(place);
  ASSERT_FALSE(item);
  EXPECT_EQ(item.error().reason, Reason::permission_denied);
}

TEST_F(FileStoreTest, FolderDoesNotAnswer_TimesOutAndDelaysNoOther) {
  const auto release = std::make_shared<std::promise<bool>>();
  const Place place = plan(request(workspace("my-app")));
  hang(secrets_, release);
  const auto item = put(place);
  ASSERT_FALSE(item);
  EXPECT_EQ(item.error().reason, Reason::timed_out);
  EXPECT_EQ(item.error().message, abbreviate_home(place.key, home_.path()) + " does not answer");
  const auto found = await(io_, store_->find_by_operation(place.request.operation_id, place.key, {}));
  ASSERT_FALSE(found) << "it is unknown whether the token was written";
  EXPECT_EQ(found.error().reason, Reason::timed_out);
  const test::TempDir elsewhere;
  const auto other = file_store(elsewhere / "tokens", earlier_, home_.path(), threads_);
  EXPECT_TRUE(await(io_, other->plan(request(workspace("w")), {})));
  release->set_value(true);
}

TEST_F(FileStoreTest, FolderOutsideHome_FullPath) {
  const test::TempDir elsewhere;
  const auto store = file_store(elsewhere / "tokens", earlier_, home_.path(), threads_);
  const auto place = await(io_, store->plan(request(workspace("w")), {}));
  ASSERT_TRUE(place);
  const Secret secret = Secret::copy_of("x");
  const auto item = await(io_, store->put(*place, secret, {}));
  ASSERT_TRUE(item);
  EXPECT_EQ(std::get<FileSource>(item->source).path, place->key);
}

TEST_F(FileStoreTest, Successor_OfOwn_NewFile) {
  const auto item = put(plan(request(workspace("my-app"))));
  ASSERT_TRUE(item);
  const auto next = request(workspace("my-app"), "zyxwvutsrqponmlkjihgfedcba");
  const auto place = await(io_, store_->plan_successor(item->source, next, {}));
  ASSERT_TRUE(place);
  EXPECT_FALSE(place->replaces);
  const auto second = put(*place);
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->created);
  EXPECT_EQ(files(), 2U);
}

class FileOfTheUsers : public FileStoreTest {
 protected:
  FileOfTheUsers() {
    test::write_file(path_, "before\n");
    EXPECT_EQ(chmod(path_.c_str(), 0600), 0);
  }

  Place successor() {
    auto place = await(io_, store_->plan_successor(source_, request(workspace("my-app")), {}));
    EXPECT_TRUE(place) << place.error().message;
    EXPECT_TRUE(place->replaces);
    return std::move(*place);
  }
  Error refused(const fs::path& path) {
    auto place = await(io_, store_->plan_successor(FileSource{path.string()}, request(workspace("my-app")), {}));
    EXPECT_FALSE(place);
    return place ? Error() : place.error();
  }
  std::string text() { return test::read_file(path_); }

  const fs::path path_ = home_ / "mine";
  const CredentialSource source_ = FileSource{path_.string()};
};

TEST_F(FileOfTheUsers, Successor_OverwritesAndPutsBackBytes) {
  const Place place = successor();
  const auto item = put(place, "after");
  ASSERT_TRUE(item) << item.error().message;
  EXPECT_FALSE(item->created);
  EXPECT_EQ(text(), "after");
  EXPECT_FALSE(is_ours(item->source));
  ASSERT_TRUE(await(io_, store_->put_back(*item, place.key, {})));
  EXPECT_EQ(text(), "before\n");
}

TEST_F(FileOfTheUsers, Put_ReadTimesOut_NothingStored) {
  const Place place = successor();
  const auto release = std::make_shared<std::promise<bool>>();
  hang(home_.path(), release);
  const auto item = put(place, "after");
  ASSERT_FALSE(item);
  EXPECT_EQ(item.error().reason, Reason::timed_out);
  const auto found = await(io_, store_->find_by_operation(place.request.operation_id, place.key, {}));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_FALSE(*found);
  release->set_value(true);
  EXPECT_EQ(text(), "before\n");
}

TEST_F(FileOfTheUsers, Put_ReadTimesOutAfterFailedWrite_Unknown) {
  Place place = successor();
  place.key = (home_ / "none/mine").string();
  const auto failed = put(place, "after");
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().reason, Reason::timed_out);
  const auto release = std::make_shared<std::promise<bool>>();
  hang(home_ / "none", release);
  EXPECT_EQ(put(place, "after").error().reason, Reason::timed_out);
  const auto found = await(io_, store_->find_by_operation(place.request.operation_id, place.key, {}));
  ASSERT_FALSE(found) << "the first write may have taken place";
  EXPECT_EQ(found.error().reason, Reason::timed_out);
  release->set_value(true);
}

TEST_F(FileOfTheUsers, PutBack_ChangedMeanwhile_Refused) {
  const Place place = successor();
  const auto item = put(place, "after");
  ASSERT_TRUE(item);
  test::write_file(path_, "somebody's");
  EXPECT_EQ(await(io_, store_->put_back(*item, place.key, {})).error().reason, Reason::not_ours);
  EXPECT_EQ(text(), "somebody's");
}

TEST_F(FileOfTheUsers, Successor_LinkOrReadableByOthers_Refused) {
  const fs::path link = home_ / "link";
  fs::create_symlink(path_, link);
  const Place place = successor();
  Place through_link = place;
  through_link.key = link.string();
  EXPECT_EQ(put(through_link, "after").error().reason, Reason::source_denied);
  EXPECT_EQ(refused(link).reason, Reason::source_denied);
  ASSERT_EQ(chmod(path_.c_str(), 0644), 0);
  EXPECT_EQ(put(place, "after").error().reason, Reason::source_denied);
  EXPECT_EQ(refused(path_).reason, Reason::source_denied);
  EXPECT_EQ(text(), "before\n");
}

TEST_F(FileOfTheUsers, Successor_FolderMissing_Refused) {
  const Error error = refused(home_ / "none/mine");
  EXPECT_EQ(error.message, "cannot write " + (home_ / "none/mine").string() + ": its folder does not exist");
  EXPECT_EQ(command_line(error.remedy), "# when the folder " + (home_ / "none").string() + " exists");
  fs::remove(path_);
  EXPECT_TRUE(successor().replaces) << "a missing file can be written";
}

TEST_F(FileOfTheUsers, Successor_InterruptedWrite_Removed) {
  const Place place = successor();
  const fs::path left = home_ / ".mine.0123456789abcdef~";
  test::write_file(left, "the-tok");
  const auto found = await(io_, store_->find_by_operation("abcdefghijklmnopqrstuvwxyz", place.key, {}));
  ASSERT_TRUE(found);
  ASSERT_TRUE(*found);
  EXPECT_FALSE((*found)->created);
  EXPECT_FALSE(fs::exists(left));
  // After a crash the earlier content is not known.
  EXPECT_EQ(await(io_, store_->put_back(**found, place.key, {})).error().reason, Reason::not_ours);
}

TEST_F(FileOfTheUsers, Remove_OnlyOnRequest) {
  EXPECT_EQ(await(io_, store_->remove(source_, Removal::only_ours, {})).error().reason, Reason::not_ours);
  EXPECT_EQ(await(io_, store_->remove(source_, Removal::whatever_it_is, {})), true);
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(FileStoreTest, FolderUnavailable_NotTreatedAsEmpty) {
  const auto item = put(plan(request(workspace("my-app"))));
  ASSERT_TRUE(item);
  fs::rename(secrets_, home_ / "away");
  fs::create_directory_symlink(home_ / "unmounted", secrets_);
  EXPECT_FALSE(await(io_, store_->find_by_operation("abcdefghijklmnopqrstuvwxyz", {}, {})));
  EXPECT_FALSE(await(io_, store_->remove(item->source, Removal::only_ours, {}))) << "it was not deleted";
  EXPECT_EQ(await(io_, store_->read_back(*item, nullptr, {})).error().reason, Reason::source_unreachable);
  fs::remove(secrets_);
  EXPECT_FALSE(await(io_, store_->find_by_operation("abcdefghijklmnopqrstuvwxyz", {}, {})).value());
  EXPECT_FALSE(await(io_, store_->remove(item->source, Removal::only_ours, {})).value());
  EXPECT_EQ(await(io_, store_->read_back(*item, nullptr, {})).error().reason, Reason::source_gone);
}

}  // namespace
}  // namespace jackin::secrets
