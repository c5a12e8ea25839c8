// SPDX-License-Identifier: Apache-2.0
// The Keychain store as on macOS, over the stand-in for Security.framework, which also checks how it is called.

#include "daemon/secrets/keychain_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "common/remedy_command.hpp"
#include "daemon/secrets/os_store.hpp"
#include "tests/fakes/security_framework/fake_keychain.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"

namespace jackin::secrets {
namespace {

using test::await;
using test::FakeKeychain;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* first = "abcdefghijklmnopqrstuvwxyz";
constexpr const char* second = "zyxwvutsrqponmlkjihgfedcba";

class KeychainStore : public testing::Test {
 public:
  KeychainStore() {
    keychain_.reset();
    keychain_.user = [] { return errSecSuccess; };
  }
  ~KeychainStore() override {
    EXPECT_THAT(keychain_.faults, IsEmpty());
    EXPECT_EQ(keychain_.objects_left(), 0U);
    EXPECT_TRUE(keychain_.interaction_allowed);
  }

 protected:
  static PlaceRequest request(const std::string& operation = first) {
    PlaceRequest wanted;
    wanted.scope = *Scope::workspace("my-app");
    wanted.operation_id = operation;
    wanted.claude_version = "2.1.197";
    return wanted;
  }
  static OsStoreSource name_of(const std::string& operation = first) { return {"jackin", "my-app-" + operation}; }

  std::unique_ptr<Store> store(bool attended = true) { return os_store(*items_, calls_, attended); }
  Result<Place> plan(const std::string& operation = first, bool attended = true) {
    const auto kept = store(attended);
    return await(io_, kept->plan(request(operation), {}));
  }
  Result<StoredItem> put(const Place& place, std::string_view token = "the-token") {
    const Secret secret = Secret::copy_of(token);
    return await(io_, cache_->put(place, secret, {}));
  }
  Result<StoredItem> store_one(const std::string& operation = first, std::string_view token = "the-token") {
    auto place = plan(operation);
    if (!place) return failure(std::move(place).error());
    return put(*place, token);
  }
  Result<Secret> resolve(const OsStoreSource& name, bool attended = true) {
    const ResolveContext context{{}, attended, false};
    return await(io_, resolver_->resolve(name, context));
  }
  Result<bool> remove(const OsStoreSource& name, Removal removal = Removal::only_ours) {
    return await(io_, cache_->remove(name, removal, {}));
  }
  Result<Place> successor(const OsStoreSource& name) {
    return await(io_, cache_->plan_successor(name, request(second), {}));
  }
  FakeKeychain::Item* find(const OsStoreSource& name) {
    for (auto& item : keychain_.items) {
      if (item.service == name.service && item.account == name.account) return &item;
    }
    return nullptr;
  }
  void store_by_hand(const OsStoreSource& name, const std::string& value, const std::string& in = "login") {
    keychain_.items.push_back({name.service, name.account, "by hand", "", "", value, in});
  }

  FakeKeychain& keychain_ = FakeKeychain::instance();
  asio::io_context io_;
  test::FakeClock clock_;
  std::unique_ptr<OsItems> items_ = keychain();
  OsCalls calls_{clock_};
  std::unique_ptr<Store> cache_ = os_store(*items_, calls_, true);
  std::unique_ptr<SourceResolver> resolver_ = os_resolver(*items_, calls_);
};

TEST_F(KeychainStore, Put_GenericPasswordOfItsOwn) {
  EXPECT_TRUE(await(io_, cache_->availability({})).usable);
  const auto place = plan();
  ASSERT_TRUE(place) << place.error().message;
  EXPECT_EQ(place->display, "Keychain  jackin/my-app-" + std::string(first));
  EXPECT_THAT(keychain_.items, IsEmpty());
  const auto item = put(*place);
  ASSERT_TRUE(item) << item.error().message;
  EXPECT_TRUE(item->created);
  ASSERT_EQ(keychain_.items.size(), 1U);
  const auto& kept = keychain_.items.front();
  EXPECT_EQ(kept.service, "jackin");
  EXPECT_EQ(kept.account, name_of().account);
  EXPECT_EQ(kept.label, "Claude token for my-app (jackind)");
  EXPECT_THAT(kept.comment, HasSubstr("2.1.197"));
  EXPECT_THAT(kept.comment, HasSubstr("jackinctl rotate my-app"));
  EXPECT_EQ(kept.generic, "jackin:" + std::string(first));
  EXPECT_EQ(kept.creator, 0x6a6b6e64);  // "jknd"
  EXPECT_EQ(kept.value, "the-token");
  const auto back = await(io_, cache_->read_back(*item, nullptr, {}));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->view(), "the-token");
  EXPECT_EQ(keychain_.dialogs, 0);
}

TEST_F(KeychainStore, Put_Existing_NotReplaced) {
  store_by_hand(name_of(), "somebody's");
  const auto item = store_one();
  ASSERT_FALSE(item);
  EXPECT_EQ(item.error().reason, Reason::store_failed);
  EXPECT_EQ(find(name_of())->value, "somebody's");
}

TEST_F(KeychainStore, FindByOperation_Found) {
  const auto place = plan();
  ASSERT_TRUE(place);
  const auto before = await(io_, cache_->find_by_operation(first, place->key, {}));
  ASSERT_TRUE(before);
  EXPECT_FALSE(*before);
  ASSERT_TRUE(put(*place));
  store_by_hand({"jackin", "another"}, "x");
  const auto found = await(io_, cache_->find_by_operation(first, place->key, {}));
  ASSERT_TRUE(found);
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->source, CredentialSource(name_of()));
  const auto other = await(io_, cache_->find_by_operation(second, place->key, {}));
  ASSERT_TRUE(other);
  EXPECT_FALSE(*other);
}

TEST_F(KeychainStore, FindByOperation_Twins_OneKept) {
  const auto place = plan();
  ASSERT_TRUE(place);
  ASSERT_TRUE(put(*place));
  const std::string mark = "jackin:" + std::string(first);
  keychain_.items.push_back({"jackin", "twin", "", "", mark, "x"});
  keychain_.items.push_back({"jackin", "triplet", "", "", mark, "x"});
  keychain_.items.push_back({"jackin", "other", "", "", "jackin:" + std::string(second), "x"});
  const auto found = await(io_, cache_->find_by_operation(first, place->key, {}));
  ASSERT_TRUE(found);
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->source, CredentialSource(name_of()));
  EXPECT_EQ(keychain_.items.size(), 2U);
  EXPECT_NE(find({"jackin", "other"}), nullptr);
}

TEST_F(KeychainStore, Search_EmptyReply_NotProofOfAbsence) {
  ASSERT_TRUE(store_one());
  keychain_.gives_null = true;
  EXPECT_EQ(resolve(name_of()).error().reason, Reason::source_unreachable);
  EXPECT_EQ(remove(name_of()).error().reason, Reason::source_unreachable);
  keychain_.gives_null = false;
  EXPECT_NE(find(name_of()), nullptr);
}

TEST_F(KeychainStore, ForeignItem_PromptsBeforeChangeOrDelete) {
  const OsStoreSource name{"S", "A"};
  store_by_hand(name, "before");
  keychain_.items.back().is_accessible = false;
  // The user allows the read, and then refuses the change.
  const auto over = successor(name);
  ASSERT_TRUE(over);
  EXPECT_EQ(keychain_.dialogs, 1);
  keychain_.user = [this] { return keychain_.dialogs < 3 ? errSecSuccess : errSecUserCanceled; };
  EXPECT_EQ(put(*over).error().reason, Reason::store_unavailable);
  EXPECT_EQ(keychain_.dialogs, 3);
  EXPECT_EQ(find(name)->value, "before");
  EXPECT_EQ(remove(name, Removal::whatever_it_is).error().reason, Reason::source_unreachable);
  EXPECT_EQ(keychain_.dialogs, 4);
  EXPECT_NE(find(name), nullptr);
  // No user is present.
  const auto unattended = store(false);
  EXPECT_FALSE(await(io_, unattended->remove(name, Removal::whatever_it_is, {})));
  EXPECT_EQ(keychain_.dialogs, 4);
  EXPECT_NE(find(name), nullptr);
}

TEST_F(KeychainStore, Remove_Own_TrueOnlyOnce) {
  ASSERT_TRUE(store_one());
  EXPECT_EQ(await(io_, cache_->is_ours(name_of(), {})), true);
  EXPECT_EQ(remove(name_of()), true);
  EXPECT_THAT(keychain_.items, IsEmpty());
  EXPECT_EQ(remove(name_of()), false);
}

TEST_F(KeychainStore, Remove_NothingDeleted_Fails) {
  ASSERT_TRUE(store_one());
  keychain_.lying = {"SecItemDelete"};
  EXPECT_EQ(remove(name_of()).error().reason, Reason::store_failed);
}

TEST_F(KeychainStore, Successor_OfOwn_NewItem) {
  ASSERT_TRUE(store_one(first, "old"));
  const auto place = successor(name_of());
  ASSERT_TRUE(place);
  EXPECT_FALSE(place->replaces);
  ASSERT_TRUE(put(*place, "new"));
  EXPECT_EQ(find(name_of(first))->value, "old");
  EXPECT_EQ(find(name_of(second))->value, "new");
}

TEST_F(KeychainStore, Successor_OfForeign_OverwritesAndPutsBack) {
  const OsStoreSource name{"S", "A"};
  store_by_hand(name, "before");
  const auto place = successor(name);
  ASSERT_TRUE(place) << place.error().message;
  EXPECT_TRUE(place->replaces);
  const auto item = put(*place, "after");
  ASSERT_TRUE(item) << item.error().message;
  EXPECT_FALSE(item->created);
  EXPECT_EQ(find(name)->value, "after");
  EXPECT_EQ(find(name)->label, "by hand");
  ASSERT_TRUE(await(io_, cache_->put_back(*item, place->key, {})));
  EXPECT_EQ(find(name)->value, "before");
  EXPECT_EQ(remove(name).error().reason, Reason::not_ours);
  EXPECT_EQ(remove(name, Removal::whatever_it_is), true);
}

TEST_F(KeychainStore, Resolve_SeveralKeychains_Ambiguous) {
  const OsStoreSource name{"S", "A"};
  store_by_hand(name, "one");
  store_by_hand(name, "other", "System");
  EXPECT_EQ(resolve(name).error().reason, Reason::source_invalid);
  EXPECT_EQ(await(io_, cache_->canonical(name, {})).error().reason, Reason::invalid_argument);
  EXPECT_FALSE(remove(name, Removal::whatever_it_is));
  EXPECT_EQ(keychain_.items.size(), 2U);
}

TEST_F(KeychainStore, Search_LoneMatch_Understood) {
  keychain_.gives_lone_match = true;
  ASSERT_TRUE(store_one());
  EXPECT_EQ(resolve(name_of())->view(), "the-token");
}

TEST_F(KeychainStore, Resolve_ItemMissing_SourceGone) {
  EXPECT_EQ(resolve(name_of()).error().reason, Reason::source_gone);
  // Without a keychain no item is certain to be gone.
  keychain_.has_default = false;
  EXPECT_EQ(resolve(name_of()).error().reason, Reason::source_unreachable);
}

TEST_F(KeychainStore, Canonical_MalformedName_InvalidArgument) {
  const OsStoreSource broken{"S\xff", "A"};
  EXPECT_EQ(await(io_, cache_->canonical(broken, {})).error().reason, Reason::invalid_argument);
}

TEST_F(KeychainStore, NoDefaultKeychain_UnavailableWithRemedy) {
  keychain_.has_default = false;
  const auto availability = await(io_, cache_->availability({}));
  EXPECT_FALSE(availability.usable);
  EXPECT_THAT(command_line(availability.remedy), HasSubstr("Keychain Access"));
  EXPECT_EQ(plan().error().reason, Reason::store_unavailable);
}

// --- locked ----------------------------------------------------------------------------------------------------------

TEST_F(KeychainStore, Locked_UnlockedByUserBeforeMint) {
  keychain_.locked = true;
  EXPECT_TRUE(await(io_, cache_->availability({})).usable);
  EXPECT_EQ(keychain_.dialogs, 0);
  ASSERT_TRUE(plan());
  EXPECT_EQ(keychain_.dialogs, 1);
  EXPECT_FALSE(keychain_.locked);
}

TEST_F(KeychainStore, Locked_PromptDismissed_Unavailable) {
  keychain_.locked = true;
  keychain_.user = [] { return errSecUserCanceled; };
  const auto place = plan();
  ASSERT_FALSE(place);
  EXPECT_EQ(place.error().reason, Reason::store_unavailable);
  EXPECT_THAT(place.error().message, HasSubstr("dismissed"));
}

TEST_F(KeychainStore, Locked_WrongPassword_Unavailable) {
  keychain_.locked = true;
  keychain_.user = [] { return errSecAuthFailed; };
  const auto place = plan();
  ASSERT_FALSE(place);
  EXPECT_EQ(place.error().reason, Reason::store_unavailable);
  EXPECT_THAT(place.error().message, HasSubstr("wrong password"));
  EXPECT_EQ(command_line(place.error().remedy), "security unlock-keychain")
      << "there is no item yet that access could be given to";
}

TEST_F(KeychainStore, Locked_OverSsh_RemedyUnlocks) {
  keychain_.locked = true;
  keychain_.has_screen = false;
  const auto place = plan();
  ASSERT_FALSE(place);
  EXPECT_EQ(place.error().reason, Reason::store_unavailable);
  EXPECT_THAT(place.error().message, HasSubstr("SSH"));
  EXPECT_EQ(command_line(place.error().remedy), "security unlock-keychain");
}

TEST_F(KeychainStore, Unattended_NeverPrompts) {
  ASSERT_TRUE(store_one());
  store_by_hand({"S", "A"}, "x");
  keychain_.items.back().is_accessible = false;
  EXPECT_EQ(resolve({"S", "A"}, false).error().reason, Reason::source_unreachable);
  keychain_.locked = true;
  const auto value = resolve(name_of(), false);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().reason, Reason::source_unreachable);
  EXPECT_THAT(value.error().message, HasSubstr("locked"));
  EXPECT_EQ(plan(second, false).error().reason, Reason::store_unavailable);
  EXPECT_EQ(keychain_.dialogs, 0);
  EXPECT_TRUE(keychain_.interaction_allowed);
}

TEST_F(KeychainStore, MayPrompt_UntilOpened) {
  ASSERT_TRUE(store_one());
  keychain_.locked = true;
  EXPECT_FALSE(resolve(name_of(), false));
  EXPECT_TRUE(resolver_->may_prompt(name_of()));
  ASSERT_TRUE(resolve(name_of()));
  EXPECT_FALSE(resolver_->may_prompt(name_of()));
}

TEST_F(KeychainStore, PromptOpen_OtherCallDoesNotWait) {
  ASSERT_TRUE(store_one());
  keychain_.locked = true;
  std::promise<void> asked;
  std::promise<void> answered;
  keychain_.user = [&] {
    asked.set_value();
    answered.get_future().wait();
    return errSecSuccess;
  };
  const ResolveContext context{{}, true, false};
  const CredentialSource source = name_of();
  test::Started<Result<Secret>> reading(io_, resolver_->resolve(source, context));
  io_.restart();
  io_.poll();
  asked.get_future().wait();
  const auto quiet = resolve(name_of(), false);
  ASSERT_FALSE(quiet);
  EXPECT_EQ(quiet.error().reason, Reason::source_unreachable);
  EXPECT_THAT(quiet.error().message, HasSubstr("showing a dialog"));
  answered.set_value();
  EXPECT_TRUE(reading.result());
}

TEST_F(KeychainStore, Interrupted_WritesNothing) {
  Interrupt interrupt;
  interrupt.set(Reason::cancelled);
  const Environment client;
  const TokensAtHand no_tokens{};
  const OsCall call{client, true, interrupt, no_tokens};
  const NewOsItem item{name_of(), "label", "notes", "my-app", first};
  EXPECT_EQ(items_->add(call, item, Secret::copy_of("x")).error().reason, Reason::cancelled);
  EXPECT_THAT(keychain_.items, IsEmpty());
  store_by_hand({"S", "A"}, "before");
  EXPECT_EQ(items_->replace(call, {"S", "A"}, Secret::copy_of("x")).error().reason, Reason::cancelled);
  EXPECT_EQ(items_->remove(call, {"S", "A"}).error().reason, Reason::cancelled);
  EXPECT_EQ(find({"S", "A"})->value, "before");
}

// --- what the framework says -----------------------------------------------------------------------------------------

TEST_F(KeychainStore, Status_MappedToReasonAndRemedy) {
  struct Said {
    OSStatus status;
    Reason reading;
    Reason writing;
  };
  const Said all[] = {
      {errSecUserCanceled, Reason::source_unreachable, Reason::store_unavailable},
      {errSecAuthFailed, Reason::source_denied, Reason::store_failed},
      {errSecInteractionNotAllowed, Reason::source_unreachable, Reason::store_unavailable},
      {errSecInteractionRequired, Reason::source_unreachable, Reason::store_unavailable},
      {errSecInDarkWake, Reason::source_unreachable, Reason::store_unavailable},
      {errSecMissingEntitlement, Reason::source_unreachable, Reason::store_unavailable},
      {errSecNotAvailable, Reason::source_unreachable, Reason::store_unavailable},
      {errSecReadOnly, Reason::source_unreachable, Reason::store_failed},
      {errSecWrPerm, Reason::source_unreachable, Reason::store_failed},
      {errSecDiskFull, Reason::source_unreachable, Reason::disk_full},
      {errSecParam, Reason::source_unreachable, Reason::store_failed},
      {-99999, Reason::source_unreachable, Reason::store_failed},
  };
  ASSERT_TRUE(store_one());
  const auto place = plan(second);
  ASSERT_TRUE(place);
  for (const Said& said : all) {
    keychain_.failing["SecItemAdd"] = said.status;
    const auto item = put(*place);
    ASSERT_FALSE(item) << said.status;
    EXPECT_EQ(item.error().reason, said.writing) << said.status;
    EXPECT_THAT(item.error().message, Not(IsEmpty())) << said.status;
    EXPECT_THAT(command_line(item.error().remedy), Not(IsEmpty())) << said.status;
    const bool only_writes_say_so =
        said.status == errSecReadOnly || said.status == errSecWrPerm || said.status == errSecDiskFull;
    if (only_writes_say_so) continue;
    keychain_.failing["SecItemCopyMatching"] = said.status;
    const auto value = resolve(name_of());
    ASSERT_FALSE(value) << said.status;
    EXPECT_EQ(value.error().reason, said.reading) << said.status;
    EXPECT_THAT(command_line(value.error().remedy), Not(IsEmpty())) << said.status;
  }
  keychain_.failing["SecItemDelete"] = errSecAuthFailed;
  EXPECT_EQ(remove(name_of()).error().reason, Reason::source_denied);
  store_by_hand({"S", "A"}, "before");
  const auto over = successor({"S", "A"});
  ASSERT_TRUE(over);
  keychain_.failing["SecItemUpdate"] = errSecUserCanceled;
  EXPECT_EQ(put(*over).error().reason, Reason::store_unavailable);
  EXPECT_EQ(find({"S", "A"})->value, "before");
}

TEST_F(KeychainStore, StandIn_DetectsMisuse) {
  auto* const dictionary = CFDictionaryCreateMutable(kCFAllocatorDefault, 0, &kCFTypeDictionaryKeyCallBacks,
                                                     &kCFTypeDictionaryValueCallBacks);
  EXPECT_EQ(keychain_.objects_left(), 1U);
  CFTypeRef result = nullptr;
  EXPECT_EQ(SecItemCopyMatching(dictionary, &result), errSecParam);
  CFRelease(dictionary);
  EXPECT_THAT(keychain_.faults, IsEmpty());
  CFRelease(dictionary);  // NOLINT(clang-analyzer-osx.cocoa.RetainCount): what is to be noticed
  EXPECT_EQ(keychain_.faults.size(), 1U);
  keychain_.faults.clear();
}

}  // namespace
}  // namespace jackin::secrets
