// SPDX-License-Identifier: Apache-2.0
// libsecret declares the calls that encode and decode values as unstable. They have been the same since 0.16 (2012).
#define SECRET_API_SUBJECT_TO_CHANGE 1

#include "daemon/secrets/secret_service_bus.hpp"

#include <libsecret/secret.h>

#include <string_view>
#include <utility>

namespace jackin::secrets {
namespace {

constexpr const char* bus_name = "org.freedesktop.DBus";
constexpr const char* bus_path = "/org/freedesktop/DBus";
constexpr const char* service_name = "org.freedesktop.secrets";
constexpr const char* prompt_interface = "org.freedesktop.Secret.Prompt";
constexpr int call_limit_ms = 10'000;

struct ErrorFree {
  void operator()(GError* error) const { g_error_free(error); }
};

BusFault fault_of(GError* raw) {
  const std::unique_ptr<GError, ErrorFree> error(raw);
  BusFault fault;
  if (g_error_matches(raw, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ||
      g_error_matches(raw, G_IO_ERROR, G_IO_ERROR_CANCELLED) || g_error_matches(raw, G_IO_ERROR, G_IO_ERROR_CLOSED) ||
      g_error_matches(raw, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) ||
      g_error_matches(raw, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
      g_error_matches(raw, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)) {
    fault.kind = BusFault::Kind::no_answer;
  } else if (g_error_matches(raw, SECRET_ERROR, SECRET_ERROR_IS_LOCKED)) {
    fault.kind = BusFault::Kind::locked;
  } else if (g_error_matches(raw, SECRET_ERROR, SECRET_ERROR_NO_SUCH_OBJECT) ||
             g_error_matches(raw, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT) ||
             g_error_matches(raw, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD)) {
    fault.kind = BusFault::Kind::no_object;
  } else if (g_error_matches(raw, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED)) {
    fault.kind = BusFault::Kind::denied;
  }
  g_dbus_error_strip_remote_error(raw);
  fault.text = OutsideText(std::string_view(raw->message));
  return fault;
}

// A SecretService on the daemon's own connection. libsecret always sets the process's one session bus during
// construction; a property that is set afterwards takes effect (GObject, "constructor").
GObject* constructed(GType type, guint count, GObjectConstructParam* parameters) {
  auto* const parent = static_cast<GObjectClass*>(g_type_class_peek(SECRET_TYPE_SERVICE));
  GObject* const object = parent->constructor(type, count, parameters);
  g_object_set(
      object, "g-bus-type", G_BUS_TYPE_NONE, "g-flags",
      static_cast<GDBusProxyFlags>(G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START | G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES |
                                   G_DBUS_PROXY_FLAGS_DO_NOT_CONNECT_SIGNALS),
      nullptr);
  return object;
}

GType service_on_a_connection() {
  static const GType type = g_type_register_static_simple(
      SECRET_TYPE_SERVICE, "JackinSecretService", sizeof(SecretServiceClass),
      [](gpointer made, gpointer) { static_cast<GObjectClass*>(made)->constructor = &constructed; },
      sizeof(SecretService), nullptr, static_cast<GTypeFlags>(0));
  return type;
}

SecretService* libsecret(const GlibRef<GDBusProxy>& service) {
  return reinterpret_cast<SecretService*>(service.get());
}

struct PromptAnswer {
  bool given = false;
  Variant value;  // null: dismissed
};

void on_completed(GDBusConnection*, const gchar*, const gchar*, const gchar*, const gchar*, GVariant* parameters,
                  gpointer data) {
  auto& answer = *static_cast<PromptAnswer*>(data);
  answer.given = true;
  if (!g_variant_is_of_type(parameters, G_VARIANT_TYPE("(bv)"))) return;
  gboolean dismissed = TRUE;
  GVariant* value = nullptr;
  g_variant_get(parameters, "(bv)", &dismissed, &value);
  Variant owned(value);
  if (dismissed == FALSE) answer.value = std::move(owned);
}

void on_owner_changed(GDBusConnection*, const gchar*, const gchar*, const gchar*, const gchar*, GVariant*,
                      gpointer data) {
  static_cast<PromptAnswer*>(data)->given = true;
}

// A subscription to a signal, as long as it exists.
class Subscription {
 public:
  Subscription(GDBusConnection* connection, const char* sender, const char* interface, const char* signal,
               const char* path, const char* argument, GDBusSignalCallback call, PromptAnswer& answer)
      : connection_(connection),
        id_(g_dbus_connection_signal_subscribe(connection, sender, interface, signal, path, argument,
                                               G_DBUS_SIGNAL_FLAGS_NONE, call, &answer, nullptr)) {}
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;
  ~Subscription() { g_dbus_connection_signal_unsubscribe(connection_, id_); }

 private:
  GDBusConnection* connection_;
  guint id_;
};

}  // namespace

SecretServiceBus::SecretServiceBus(Interrupt& interrupt)
    : interrupt_(interrupt), context_(g_main_context_new()), cancellable_(g_cancellable_new()) {
  // Makes libsecret's errors known to GLib before the first of them comes.
  static_cast<void>(secret_error_get_quark());
  // GLib then delivers its events to this context, and not to a default main loop that does not run.
  g_main_context_push_thread_default(context_.get());
  watch_.emplace(interrupt_, [context = context_.get(), cancellable = cancellable_.get()] {
    g_cancellable_cancel(cancellable);
    g_main_context_wakeup(context);
  });
}

SecretServiceBus::~SecretServiceBus() {
  watch_.reset();
  service_.reset();
  if (connection_) g_dbus_connection_close_sync(connection_.get(), nullptr, nullptr);
  connection_.reset();
  // Queued events hold references.
  while (g_main_context_iteration(context_.get(), FALSE) != FALSE) {
  }
  g_main_context_pop_thread_default(context_.get());
}

Result<std::unique_ptr<SecretServiceBus>> SecretServiceBus::connect(const std::string& address, bool start,
                                                                    Interrupt& interrupt) {
  std::unique_ptr<SecretServiceBus> bus(new SecretServiceBus(interrupt));
  GError* error = nullptr;
  bus->connection_.reset(g_dbus_connection_new_for_address_sync(
      address.c_str(),
      static_cast<GDBusConnectionFlags>(G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                        G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION),
      nullptr, bus->cancellable_.get(), &error));
  if (!bus->connection_) {
    return failure(Reason::source_unreachable, "the session bus cannot be reached: " + fault_of(error).text.shown({}),
                   Remedy::try_again("with DBUS_SESSION_BUS_ADDRESS as your desktop session has it"));
  }
  TRY(bus->find_service(start));
  return bus;
}

Result<> SecretServiceBus::find_service(bool start) {
  if (start) {
    // The result is not needed: the next check shows whether the service runs.
    static_cast<void>(call_name(bus_name, bus_path, bus_name, "StartServiceByName",
                                g_variant_new("(su)", service_name, guint{0}), "(u)", Effect::reads));
  }
  const auto owner =
      call_name(bus_name, bus_path, bus_name, "GetNameOwner", g_variant_new("(s)", service_name), "(s)", Effect::reads);
  if (!owner) {
    return failure(!start && can_be_started() ? Reason::store_unavailable : Reason::source_unreachable,
                   "no Secret Service runs on the session bus",
                   Remedy::of(RemedyAction::start_secret_service).noting("or start KeePassXC or KWallet"));
  }
  const char* name = nullptr;
  g_variant_get(owner->get(), "(&s)", &name);
  owner_ = name;
  return {};
}

bool SecretServiceBus::can_be_started() {
  const auto reply = call_name(bus_name, bus_path, bus_name, "ListActivatableNames", nullptr, "(as)", Effect::reads);
  if (!reply) return false;
  const Variant names(g_variant_get_child_value(reply->get(), 0));
  GVariantIter iterator;
  g_variant_iter_init(&iterator, names.get());
  const char* name = nullptr;
  while (g_variant_iter_next(&iterator, "&s", &name) != FALSE) {
    if (std::string_view(name) == service_name) return true;
  }
  return false;
}

BusResult<> SecretServiceBus::call_name(const char* name, const std::string& path, const char* interface,
                                        const char* method, GVariant* arguments, const char* reply, Effect effect) {
  GError* error = nullptr;
  Variant answer(g_dbus_connection_call_sync(connection_.get(), name, path.c_str(), interface, method, arguments,
                                             G_VARIANT_TYPE(reply), G_DBUS_CALL_FLAGS_NO_AUTO_START, call_limit_ms,
                                             effect == Effect::reads ? cancellable_.get() : nullptr, &error));
  if (!answer) return tl::unexpected(fault_of(error));
  return answer;
}

BusResult<> SecretServiceBus::call(const std::string& path, const char* interface, const char* method,
                                   GVariant* arguments, const char* reply, Effect effect) {
  return call_name(owner_.c_str(), path, interface, method, arguments, reply, effect);
}

BusResult<> SecretServiceBus::property(const std::string& path, const char* interface, const char* name,
                                       const char* type) {
  auto got = call(path, "org.freedesktop.DBus.Properties", "Get", g_variant_new("(ss)", interface, name), "(v)");
  if (!got) return tl::unexpected(got.error());
  GVariant* value = nullptr;
  g_variant_get(got->get(), "(v)", &value);
  Variant owned(value);
  if (g_variant_is_of_type(value, G_VARIANT_TYPE(type)) == FALSE) {
    return tl::unexpected(
        BusFault{BusFault::Kind::other, OutsideText("its property " + std::string(name) + " is of another type")});
  }
  return owned;
}

BusResult<std::optional<Variant>> SecretServiceBus::prompt(const std::string& path) {
  PromptAnswer answer;
  {
    const Subscription completed(connection_.get(), owner_.c_str(), prompt_interface, "Completed", path.c_str(),
                                 nullptr, &on_completed, answer);
    const Subscription gone(connection_.get(), bus_name, bus_name, "NameOwnerChanged", bus_path, owner_.c_str(),
                            &on_owner_changed, answer);
    const auto asked = call(path, prompt_interface, "Prompt", g_variant_new("(s)", ""), "()");
    if (!asked) return tl::unexpected(asked.error());
    while (!answer.given && !interrupt_.is_set()) g_main_context_iteration(context_.get(), TRUE);
  }
  if (!answer.given) {
    static_cast<void>(call(path, prompt_interface, "Dismiss", nullptr, "()", Effect::changes));
    return tl::unexpected(BusFault{BusFault::Kind::no_answer, OutsideText("interrupted")});
  }
  if (!answer.value) return std::optional<Variant>();
  return std::optional(std::move(answer.value));
}

BusResult<std::string> SecretServiceBus::open_session() {
  if (!session_.empty()) return session_;
  GError* error = nullptr;
  service_.reset(static_cast<GDBusProxy*>(g_initable_new(service_on_a_connection(), cancellable_.get(), &error,
                                                         "g-connection", connection_.get(), nullptr)));
  if (!service_) return tl::unexpected(fault_of(error));
  if (secret_service_ensure_session_sync(libsecret(service_), cancellable_.get(), &error) == FALSE) {
    return tl::unexpected(fault_of(error));
  }
  session_ = secret_service_get_session_dbus_path(libsecret(service_));
  return session_;
}

Variant SecretServiceBus::encoded(const Secret& value) const {
  // libsecret's copies are in locked memory and are wiped (libsecret/secret-value.c, egg/egg-secure-memory.c).
  SecretValue* const copy = secret_value_new(value.view().data(), static_cast<gssize>(value.size()), "text/plain");
  Variant encoded(g_variant_ref_sink(secret_service_encode_dbus_secret(libsecret(service_), copy)));
  secret_value_unref(copy);
  return encoded;
}

BusResult<Secret> SecretServiceBus::decoded(GVariant* value) const {
  SecretValue* const copy = secret_service_decode_dbus_secret(libsecret(service_), value);
  if (copy == nullptr) {
    return tl::unexpected(BusFault{BusFault::Kind::other, OutsideText("its reply cannot be decrypted")});
  }
  gsize size = 0;
  const char* const bytes = secret_value_get(copy, &size);
  Secret decoded = Secret::copy_of({bytes, size});
  secret_value_unref(copy);
  return decoded;
}

}  // namespace jackin::secrets
