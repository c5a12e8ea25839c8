// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gio/gio.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/outside_text.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/secrets/interrupt.hpp"

namespace jackin::secrets {

/// An owning reference to a GLib object or value; the destructor releases it.
struct GlibUnref {
  void operator()(GVariant* value) const { g_variant_unref(value); }
  void operator()(GMainContext* context) const { g_main_context_unref(context); }
  void operator()(GDBusConnection* connection) const { g_object_unref(connection); }
  void operator()(GCancellable* cancellable) const { g_object_unref(cancellable); }
  void operator()(GDBusProxy* proxy) const { g_object_unref(proxy); }
};
template <typename T>
using GlibRef = std::unique_ptr<T, GlibUnref>;
using Variant = GlibRef<GVariant>;

/// Why a call over the bus returned no reply.
struct BusFault {
  enum class Kind {
    locked,     ///< The Secret Service reports that the requested object is locked.
    no_object,  ///< There is no such item or collection, or it was removed.
    denied,     ///< The bus or the service refuses.
    no_answer,  ///< It took too long, the service ended, or the call was interrupted.
    other,
  };
  Kind kind = Kind::other;
  OutsideText text;  ///< The message of the bus or the service.
};
template <typename T = Variant>
using BusResult = tl::expected<T, BusFault>;

/// A session with the Secret Service of one session bus, over its own connection. It makes the standard's D-Bus calls
/// (specifications.freedesktop.org/secret-service) and uses libsecret to encrypt values. Belongs to the thread that
/// created it, and to one piece of work there; every method blocks. Once `interrupt` is set, waiting calls end. Calls
/// that change something are not interrupted, but end by themselves within seconds.
class SecretServiceBus {
 public:
  /// Connects to the bus at `address`. With `start` the bus may start the service. Errors, each with a remedy:
  /// source_unreachable (no bus there, no service on it), store_unavailable (none on it, but the bus could start one).
  /// `interrupt` must outlive it.
  static Result<std::unique_ptr<SecretServiceBus>> connect(const std::string& address, bool start,
                                                           Interrupt& interrupt);
  ~SecretServiceBus();
  SecretServiceBus(const SecretServiceBus&) = delete;
  SecretServiceBus& operator=(const SecretServiceBus&) = delete;

  /// Whether a call may be interrupted.
  enum class Effect { reads, changes };

  /// Calls a method of the service; `arguments` may be floating, null means none. The reply has the type `reply`.
  BusResult<> call(const std::string& path, const char* interface, const char* method, GVariant* arguments,
                   const char* reply, Effect effect = Effect::reads);

  /// Reads a property of one of the service's objects.
  BusResult<> property(const std::string& path, const char* interface, const char* name, const char* type);

  /// Lets the service prompt the user, and waits for the answer. Nothing: dismissed, or the prompt could not be shown.
  BusResult<std::optional<Variant>> prompt(const std::string& path);

  /// Negotiates the encryption of values in transit. Call it once.
  BusResult<std::string> open_session();

  /// Converts a value to the service's form, of type (oayays), and back. After `open_session`.
  Variant encoded(const Secret& value) const;
  BusResult<Secret> decoded(GVariant* value) const;

  bool is_interrupted() const { return interrupt_.is_set(); }

 private:
  explicit SecretServiceBus(Interrupt& interrupt);
  Result<> find_service(bool start);
  bool can_be_started();
  BusResult<> call_name(const char* name, const std::string& path, const char* interface, const char* method,
                        GVariant* arguments, const char* reply, Effect effect);

  Interrupt& interrupt_;
  GlibRef<GMainContext> context_;
  GlibRef<GCancellable> cancellable_;
  std::optional<Interrupt::Watch> watch_;
  GlibRef<GDBusConnection> connection_;
  std::string owner_;            // the service's unique name: a call to it starts no service
  GlibRef<GDBusProxy> service_;  // libsecret's SecretService, for its session
  std::string session_;
};

}  // namespace jackin::secrets
