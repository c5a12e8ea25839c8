// SPDX-License-Identifier: Apache-2.0
// Runs against the real GNOME Keyring; the tests inspect its content from outside, with secret-tool.

#include "daemon/secrets/secret_service_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/os/descriptor.hpp"
#include "common/remedy_command.hpp"
#include "daemon/secrets/os_store.hpp"
#include "tests/support/await.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/keyring.hpp"

namespace jackin::secrets {
namespace {

using test::await;
using test::Started;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* first = "abcdefghijklmnopqrstuvwxyz";
constexpr const char* second = "zyxwvutsrqponmlkjihgfedcba";

class SecretServiceStore : public testing::Test {
 protected:
  static PlaceRequest request(const std::string& operation = first) {
    PlaceRequest wanted;
    wanted.scope = *Scope::workspace("my-app");
    wanted.operation_id = operation;
    return wanted;
  }
  static OsStoreSource name_of(const std::string& operation = first) { return {"jackin", "my-app-" + operation}; }

  std::unique_ptr<Store> store(bool attended = true) { return os_store(*items_, calls_, attended); }

  Place plan(const PlaceRequest& wanted) {
    auto place = await(io_, store()->plan(wanted, client_));
    if (!place) {
      ADD_FAILURE() << place.error().message;
      return {};
    }
    return std::move(*place);
  }
  Result<StoredItem> put(const Place& place, std::string_view token = "the-token") {
    const Secret secret = Secret::copy_of(token);
    return await(io_, cache_->put(place, secret, client_));
  }
  Result<Secret> resolve(const OsStoreSource& name, bool attended = true) {
    const ResolveContext context{client_, attended, false};
    return await(io_, resolver_->resolve(name, context));
  }
  Result<bool> remove(const OsStoreSource& name, Removal removal = Removal::only_ours) {
    return await(io_, cache_->remove(name, removal, client_));
  }
  Result<std::optional<StoredItem>> find(const std::string& operation, const std::string& key) {
    return await(io_, cache_->find_by_operation(operation, key, client_));
  }
  Result<Place> successor(const OsStoreSource& name, const std::string& operation = second) {
    return await(io_, cache_->plan_successor(name, request(operation), client_));
  }
  std::string lookup(const OsStoreSource& name) {
    return keyring_("lookup", "service", name.service, "account", name.account);
  }

  test::Keyring keyring_;
  Environment client_ = keyring_.client();
  asio::io_context io_;
  test::FakeClock clock_;
  std::unique_ptr<OsItems> items_ = secret_service(Environment());
  OsCalls calls_{clock_};
  std::unique_ptr<Store> cache_ = os_store(*items_, calls_, true);
  std::unique_ptr<SourceResolver> resolver_ = os_resolver(*items_, calls_);
};

TEST_F(SecretServiceStore, Put_FoundByServiceAndAccount) {
  EXPECT_TRUE(await(io_, cache_->availability(client_)).usable);
  const Place place = plan(request());
  EXPECT_EQ(place.display, "Secret Service  jackin/my-app-" + std::string(first));
  const auto item = put(place);
  ASSERT_TRUE(item) << item.error().message;
  EXPECT_TRUE(item->created);
  EXPECT_EQ(item->source, CredentialSource(name_of()));
  EXPECT_EQ(item->display, place.display);
  const auto back = await(io_, cache_->read_back(*item, nullptr, client_));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->view(), "the-token");

  EXPECT_EQ(lookup(name_of()), "the-token");
  const std::string seen = keyring_("search", "application", "jackin", "operation", first);
  EXPECT_THAT(seen, HasSubstr("label = Claude token for my-app (jackind)"));
  EXPECT_THAT(seen, HasSubstr("attribute.scope = my-app"));
  EXPECT_THAT(seen, HasSubstr("attribute.service = jackin"));
}

TEST_F(SecretServiceStore, Plan_WritesNothing) {
  const std::string before = keyring_("files");
  plan(request());
  EXPECT_EQ(keyring_("files"), before);
}

TEST_F(SecretServiceStore, Put_ItemName_AsRequested) {
  PlaceRequest wanted = request();
  wanted.item_name = "{ws}'s Claude";
  ASSERT_TRUE(put(plan(wanted)));
  EXPECT_THAT(keyring_("search", "service", "jackin"), HasSubstr("label = my-app's Claude"));
}

TEST_F(SecretServiceStore, Plan_UnsupportedFields_Rejected) {
  for (const auto member :
       {&PlaceRequest::vault, &PlaceRequest::field, &PlaceRequest::section, &PlaceRequest::account}) {
    PlaceRequest wanted = request();
    wanted.*member = "x";
    const auto place = await(io_, cache_->plan(wanted, client_));
    ASSERT_FALSE(place);
    EXPECT_EQ(place.error().reason, Reason::invalid_argument);
  }
}

TEST_F(SecretServiceStore, Put_Existing_NotReplaced) {
  keyring_("store", "jackin", name_of().account, "somebody's");
  ASSERT_TRUE(put(plan(request())));
  EXPECT_EQ(keyring_("count", "service", "jackin"), "2");
}

TEST_F(SecretServiceStore, FindByOperation_Found) {
  const Place place = plan(request());
  const auto before = find(first, place.key);
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_FALSE(*before);
  ASSERT_TRUE(put(place));
  const auto found = find(first, place.key);
  ASSERT_TRUE(found);
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->source, CredentialSource(name_of()));
  EXPECT_TRUE((*found)->created);
  const auto other = find(second, place.key);
  ASSERT_TRUE(other);
  EXPECT_FALSE(*other);
}

TEST_F(SecretServiceStore, FindByOperation_Twins_OneKept) {
  const Place place = plan(request());
  ASSERT_TRUE(put(place));
  ASSERT_TRUE(put(place));
  EXPECT_EQ(keyring_("count", "operation", first), "2");
  const auto found = find(first, place.key);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_TRUE(*found);
  EXPECT_EQ(keyring_("count", "operation", first), "1");
}

TEST_F(SecretServiceStore, Remove_Own_TrueOnlyOnce) {
  ASSERT_TRUE(put(plan(request())));
  EXPECT_EQ(await(io_, cache_->is_ours(name_of(), client_)), true);
  EXPECT_EQ(remove(name_of()), true);
  EXPECT_EQ(lookup(name_of()), "");
  EXPECT_EQ(remove(name_of()), false);
}

TEST_F(SecretServiceStore, Successor_OfOwn_NewItem) {
  ASSERT_TRUE(put(plan(request()), "old"));
  const auto place = successor(name_of());
  ASSERT_TRUE(place) << place.error().message;
  EXPECT_FALSE(place->replaces);
  ASSERT_TRUE(put(*place, "new"));
  EXPECT_EQ(lookup(name_of(first)), "old");
  EXPECT_EQ(lookup(name_of(second)), "new");
}

TEST_F(SecretServiceStore, Successor_OfMissing_Planned) {
  const auto place = successor(name_of());
  ASSERT_TRUE(place) << place.error().message;
  EXPECT_FALSE(place->replaces);
}

TEST_F(SecretServiceStore, Resolve_Missing_Gone) {
  const auto value = resolve(name_of());
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().reason, Reason::source_gone);
  EXPECT_THAT(command_line(value.error().remedy), Not(IsEmpty()));
}

// --- items of other programs ---------------------------------------------------------------------------------------

class ItemOfTheUsers : public SecretServiceStore {
 protected:
  ItemOfTheUsers() { keyring_("store", name_.service, name_.account, "before"); }

  Place over() {
    auto place = successor(name_);
    EXPECT_TRUE(place) << place.error().message;
    EXPECT_TRUE(place->replaces);
    return std::move(*place);
  }

  const OsStoreSource name_{"S/with slash", "A"};
};

TEST_F(ItemOfTheUsers, Resolve_ByServiceAndAccount) {
  const auto value = resolve(name_);
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(value->view(), "before");
  const auto canonical = await(io_, cache_->canonical(name_, client_));
  ASSERT_TRUE(canonical);
  EXPECT_EQ(*canonical, CredentialSource(name_));
}

TEST_F(ItemOfTheUsers, Successor_OverwritesAndPutsBack) {
  const Place place = over();
  const auto item = put(place, "after");
  ASSERT_TRUE(item) << item.error().message;
  EXPECT_FALSE(item->created);
  EXPECT_EQ(lookup(name_), "after");
  EXPECT_EQ(keyring_("count", "account", "A"), "1");
  EXPECT_THAT(keyring_("search", "account", "A"), HasSubstr("label = kept by hand"));
  EXPECT_EQ(await(io_, cache_->is_ours(item->source, client_)), false);
  ASSERT_TRUE(await(io_, cache_->put_back(*item, place.key, client_)));
  EXPECT_EQ(lookup(name_), "before");
}

TEST_F(ItemOfTheUsers, PutBack_ChangedMeanwhile_Refused) {
  const Place place = over();
  const auto item = put(place, "after");
  ASSERT_TRUE(item);
  keyring_("store", name_.service, name_.account, "somebody's");
  EXPECT_EQ(await(io_, cache_->put_back(*item, place.key, client_)).error().reason, Reason::not_ours);
  EXPECT_EQ(lookup(name_), "somebody's");
}

TEST_F(ItemOfTheUsers, PutBack_AfterCrash_Refused) {
  const Place place = over();
  ASSERT_TRUE(put(place, "after"));
  const auto found = find(second, place.key);
  ASSERT_TRUE(found);
  ASSERT_TRUE(*found);
  EXPECT_FALSE((*found)->created);
  EXPECT_EQ(await(io_, cache_->put_back(**found, place.key, client_)).error().reason, Reason::not_ours);
  EXPECT_EQ(lookup(name_), "after");
}

TEST_F(ItemOfTheUsers, Remove_OnlyOnRequest) {
  EXPECT_EQ(remove(name_).error().reason, Reason::not_ours);
  EXPECT_EQ(lookup(name_), "before");
  EXPECT_EQ(remove(name_, Removal::whatever_it_is), true);
  EXPECT_EQ(lookup(name_), "");
}

TEST_F(ItemOfTheUsers, TwoMatches_Ambiguous) {
  keyring_("run", "sh", "-c",
           "printf other | secret-tool store --label other service 'S/with slash' account A more attributes");
  const auto value = resolve(name_);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().reason, Reason::source_invalid);
  EXPECT_THAT(value.error().message, HasSubstr("2 items"));
  EXPECT_EQ(await(io_, cache_->canonical(name_, client_)).error().reason, Reason::invalid_argument);
  EXPECT_FALSE(remove(name_, Removal::whatever_it_is));
  EXPECT_EQ(keyring_("count", "account", "A"), "2");
}

TEST_F(ItemOfTheUsers, MalformedName_Rejected) {
  const OsStoreSource broken{"S\xff", "A"};
  EXPECT_EQ(await(io_, cache_->canonical(broken, client_)).error().reason, Reason::invalid_argument);
  EXPECT_EQ(resolve(broken).error().reason, Reason::source_invalid);
}

// --- locked ----------------------------------------------------------------------------------------------------------

class LockedKeyring : public SecretServiceStore {
 protected:
  LockedKeyring() {
    EXPECT_TRUE(put(plan(request())));
    keyring_("lock");
  }

  // A client reads the token; the user is prompted and does not answer.
  struct Reading {
    explicit Reading(LockedKeyring& test)
        : source(name_of()),
          context{test.client_, true, false},
          started(test.io_, test.resolver_->resolve(source, context)) {
      test.keyring_("will_wait");
      test.io_.restart();
      test.io_.poll();
      test.keyring_("wait_until_asked");
    }

    CredentialSource source;
    ResolveContext context;
    Started<Result<Secret>> started;
  };
};

TEST_F(LockedKeyring, Resolve_UserUnlocks) {
  EXPECT_TRUE(await(io_, cache_->availability(client_)).usable);
  keyring_("will_unlock");
  const auto value = resolve(name_of());
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(value->view(), "the-token");
  EXPECT_EQ(keyring_("was_asked"), "True");
}

TEST_F(LockedKeyring, Plan_UserUnlocksBeforeMint) {
  keyring_("will_unlock");
  const Place place = plan(request(second));
  EXPECT_EQ(keyring_("was_asked"), "True");
  EXPECT_TRUE(put(place));
}

TEST_F(LockedKeyring, PromptDismissed_StaysLocked) {
  const std::string before = keyring_("files");
  keyring_("will_dismiss");
  const auto value = resolve(name_of());
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().reason, Reason::source_unreachable);
  EXPECT_THAT(value.error().message, HasSubstr("dismissed"));
  keyring_("will_dismiss");
  const auto place = await(io_, cache_->plan(request(second), client_));
  ASSERT_FALSE(place);
  EXPECT_EQ(place.error().reason, Reason::store_unavailable);
  EXPECT_EQ(keyring_("files"), before);
}

TEST_F(LockedKeyring, Unattended_NeverPrompts) {
  keyring_("will_unlock");
  const auto unattended = store(false);
  const auto expect_locked = [](const auto& result, Reason reason) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().reason, reason);
    EXPECT_THAT(result.error().message, HasSubstr("locked"));
    EXPECT_THAT(command_line(result.error().remedy), Not(IsEmpty()));
  };
  expect_locked(resolve(name_of(), false), Reason::source_unreachable);
  expect_locked(resolve({"jackin", "another"}, false), Reason::source_unreachable);
  expect_locked(await(io_, unattended->plan(request(second), client_)), Reason::store_unavailable);
  expect_locked(await(io_, unattended->remove(name_of(), Removal::only_ours, client_)), Reason::source_unreachable);
  EXPECT_EQ(await(io_, unattended->is_ours(name_of(), client_)), true);
  EXPECT_EQ(keyring_("was_asked"), "False");
}

TEST_F(LockedKeyring, MayPrompt_UntilOpened) {
  EXPECT_FALSE(resolve(name_of(), false));
  EXPECT_TRUE(resolver_->may_prompt(name_of()));
  keyring_("will_unlock");
  ASSERT_TRUE(resolve(name_of()));
  EXPECT_FALSE(resolver_->may_prompt(name_of()));
}

TEST_F(LockedKeyring, Prompt_NotAnswered_TimesOut) {
  Reading reading(*this);
  clock_.advance(OsCalls::attended_limit);
  const auto value = reading.started.result();
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().reason, Reason::timed_out);
}

TEST_F(LockedKeyring, Prompt_ClientCancels_Closed) {
  Reading reading(*this);
  reading.started.cancel();
  EXPECT_EQ(reading.started.result().error().reason, Reason::cancelled);
}

TEST_F(LockedKeyring, Prompt_OpenElsewhere_OthersNotDelayed) {
  Reading reading(*this);
  EXPECT_FALSE(resolve(name_of(), false));
  EXPECT_FALSE(reading.started.has_ended());
  reading.started.cancel();
  EXPECT_FALSE(reading.started.result());
}

TEST_F(LockedKeyring, Prompt_ServiceEnds_Unreachable) {
  Reading reading(*this);
  keyring_("stop_service");
  const auto value = reading.started.result();
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().reason, Reason::source_unreachable);
}

// --- absent ----------------------------------------------------------------------------------------------------------

TEST_F(SecretServiceStore, ServiceEnds_ErrorSaysSo) {
  ASSERT_TRUE(put(plan(request())));
  keyring_("stop_service");
  const auto value = resolve(name_of());
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().reason, Reason::source_unreachable);
  EXPECT_THAT(value.error().message, HasSubstr("no Secret Service runs"));
  const auto place = await(io_, cache_->plan(request(second), client_));
  ASSERT_FALSE(place);
  EXPECT_EQ(place.error().reason, Reason::store_unavailable);
}

class WithoutASecretService : public testing::Test {
 protected:
  static Environment with_bus(const std::string& address) {
    Environment environment;
    environment.set("DBUS_SESSION_BUS_ADDRESS", address);
    return environment;
  }
  Availability availability(const Environment& daemon, const Environment& client) {
    const auto items = secret_service(daemon);
    const auto store = os_store(*items, calls_, true);
    return await(io_, store->availability(client));
  }
  Result<Secret> read(const Environment& client, bool attended) {
    const auto items = secret_service(Environment());
    const auto resolver = os_resolver(*items, calls_);
    const ResolveContext context{client, attended, false};
    const CredentialSource source = OsStoreSource{"S", "A"};
    return await(io_, resolver->resolve(source, context));
  }

  asio::io_context io_;
  test::FakeClock clock_;
  OsCalls calls_{clock_};
};

TEST_F(WithoutASecretService, NoBus_Unavailable) {
  const auto found = availability(Environment(), Environment());
  EXPECT_FALSE(found.usable);
  EXPECT_THAT(found.message, HasSubstr("DBUS_SESSION_BUS_ADDRESS"));
  EXPECT_THAT(command_line(found.remedy), Not(IsEmpty()));
}

TEST_F(WithoutASecretService, BusGone_Unavailable) {
  const auto found = availability(Environment(), with_bus("unix:path=/nowhere/bus"));
  EXPECT_FALSE(found.usable);
  EXPECT_THAT(found.message, HasSubstr("cannot be reached"));
}

TEST_F(WithoutASecretService, RemoteBus_NotUsed) {
  for (const char* address : {"tcp:host=localhost,port=1", "unix:path=/x;tcp:host=localhost,port=1",
                              "autolaunch:", "unixexec:path=/bin/true", "nonsense"}) {
    const auto found = availability(Environment(), with_bus(address));
    EXPECT_FALSE(found.usable);
    EXPECT_THAT(found.message, HasSubstr("Unix socket")) << address;
  }
}

TEST_F(WithoutASecretService, BusHangs_TimesOut) {
  const test::TempDir folder;
  const std::string path = folder / "bus";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const os::Descriptor listening(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(bind(listening.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(listening.get(), 1), 0);
  const auto items = secret_service(with_bus("unix:path=" + path));
  const auto store = os_store(*items, calls_, true);
  const Environment client;
  Started<Availability> looking(io_, store->availability(client));
  io_.restart();
  io_.poll();
  const os::Descriptor connected(accept(listening.get(), nullptr, nullptr));
  clock_.advance(OsCalls::brief_limit);
  EXPECT_FALSE(looking.result().usable);
}

TEST_F(WithoutASecretService, NoServiceOnBus_UnavailableWithRemedy) {
  test::Keyring bus("--no-service");
  const auto found = availability(Environment(), bus.client());
  EXPECT_FALSE(found.usable);
  EXPECT_THAT(found.message, HasSubstr("no Secret Service runs"));
  EXPECT_THAT(command_line(found.remedy), HasSubstr("gnome-keyring-daemon --start"));
}

TEST_F(WithoutASecretService, StartableService_StartedOnlyForUser) {
  test::Keyring bus("--startable");
  EXPECT_THAT(availability(Environment(), bus.client()).message, HasSubstr("no Secret Service runs"));
  EXPECT_THAT(read(bus.client(), false).error().message, HasSubstr("no Secret Service runs"));
  EXPECT_THAT(availability(Environment(), bus.client()).message, HasSubstr("no Secret Service runs"));
  EXPECT_THAT(read(bus.client(), true).error().message, Not(HasSubstr("no Secret Service runs")));
  EXPECT_THAT(availability(Environment(), bus.client()).message, Not(HasSubstr("no Secret Service runs")));
}

TEST_F(WithoutASecretService, NoDefaultKeyring_Remedy) {
  // A service that the bus has started has no keyring yet.
  test::Keyring bus("--startable");
  const auto value = read(bus.client(), true);
  ASSERT_FALSE(value);
  // While nothing can be unlocked, no item is certain to be gone.
  EXPECT_EQ(value.error().reason, Reason::source_unreachable);
  const auto found = availability(Environment(), bus.client());
  EXPECT_FALSE(found.usable);
  EXPECT_THAT(found.message, HasSubstr("no default keyring"));
  EXPECT_THAT(command_line(found.remedy), Not(IsEmpty()));
}

TEST_F(WithoutASecretService, ClientsBus_BeforeDaemons) {
  test::Keyring empty("--no-service");
  test::Keyring full;
  EXPECT_TRUE(availability(empty.client(), full.client()).usable);
  EXPECT_FALSE(availability(full.client(), empty.client()).usable);
  EXPECT_TRUE(availability(full.client(), Environment()).usable);
}

}  // namespace
}  // namespace jackin::secrets
