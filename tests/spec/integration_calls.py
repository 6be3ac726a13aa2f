"""The requests of the 36 operations of 2026-05: what is given, and what must stand on the wire."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

ODD = "a/b c+é%?#&=~:@;,$!*'()[]\"<>|^`\\{}"
RAW = "a%2Fb%20c%2B%C3%A9%25%3F%23%26%3D~%3A%40%3B%2C%24%21%2A%27%28%29%5B%5D%22%3C%3E%7C%5E%60%5C%7B%7D"
"""What the last column of wire.md makes of ODD; the table there was recorded, this is no code's answer."""
NOON = datetime(2024, 2, 29, 12, tzinfo=timezone(timedelta(hours=2)))
UTC = datetime(2024, 2, 29, 10, tzinfo=timezone.utc)
RAW_NOON, RAW_UTC = "2024-02-29T12%3A00%3A00%2B02%3A00", "2024-02-29T10%3A00%3A00Z"

IDS = {"integrationIDs": ["é", "b/1"]}
CARD = {"integrationId": "i-1"}
BODIES: dict[str, Any] = {
    "updateCustomerSessionV2": {"customerSession": {"couponCodes": [], "state": "open"}},
    "returnCartItems": {"return": {"returnedCartItems": [{"position": 0, "quantity": 1}]}},
    "updateCustomerProfileV2": {"attributes": {"Name": "é", "gone": None}},
    "updateCustomerProfilesV2": {"customerProfiles": [{"integrationId": "i-1"}]},
    "createAudienceV2": {"name": "A"},
    "updateAudienceV2": {"name": "B"},
    "updateCustomerProfileAudiences": {
        "data": [{"action": "add", "profileIntegrationId": "i-1", "audienceId": 1}]
    },
    "updateAudienceCustomersAttributes": {"attributes": {"a": 1}},
    "linkLoyaltyCardToProfile": CARD,
    "unlinkLoyaltyCardFromProfile": CARD,
    "trackEventV2": {"type": "t", "profileId": "p"},
    "trackEvent": {"type": "t", "sessionId": "s", "attributes": {}},
    "createReferral": {"campaignId": 2**31, "advocateProfileIntegrationId": "i-1"},
    "createReferralsForMultipleAdvocates": {
        "campaignId": 1,
        "advocateProfileIntegrationIds": ["i-1"],
        "usageLimit": 0,
    },
    "createCouponReservation": IDS,
    "deleteCouponReservation": IDS,
    "deleteLoyaltyTransactionsFromLedgers": {"scope": "AllSubledgers"},
    "activateLoyaltyPoints": {"sessionId": "s-1"},
    "generateLoyaltyCard": {"status": "active"},
    "bestPriorPrice": {
        "skus": ["1"],
        "timeframe": "30D",
        "timeframeEndDate": UTC,
        "timeframeEndDateType": "strict",
    },
    "syncCatalog": {"actions": [{"type": "ADD", "payload": {"sku": "1"}}]},
    "updateCustomerProfile": {"attributes": {}},
    "updateCustomerSession": {"coupon": "c", "total": 10.0},
}

LP = "/v1/loyalty_programs/7"
PAGE, RAW_PAGE = {"page_size": 10, "skip": 0}, "pageSize=10&skip=0"
MANY, RAW_MANY = ["x", "y z", "q,r&s"], "{0}=x&{0}=y%20z&{0}=q%2Cr%26s"
SESSIONS = RAW_MANY.format("customerSessionIDs")
UUIDS = RAW_MANY.format("transactionUUIDs")
LEDGERS = RAW_MANY.format("subledgerId")
BOTH: dict[str, Any] = {"customer_session_ids": MANY, "transaction_uuids": MANY}
SPAN: dict[str, Any] = {"start_date": NOON, "end_date": UTC}
RAW_SPAN = f"startDate={RAW_NOON}&endDate={RAW_UTC}"
LEDGER, RAW_LEDGER = {"subledger_id": ""}, "subledgerId="
KINDS = {"profile": True, "referrals": False, "coupons": True, "loyalty": True, "giveaways": False}
RAW_KINDS = "profile=true&referrals=false&coupons=true&loyalty=true&giveaways=false&achievements=true"

Call = tuple[str, str, tuple[Any, ...], dict[str, Any], str]

CALLS: list[Call] = [
    ("getCustomerSession", "GET", (ODD,), {}, f"/v2/customer_sessions/{RAW}"),
    (
        "updateCustomerSessionV2",
        "PUT",
        (ODD,),
        {"now": NOON, "dry": True},
        f"/v2/customer_sessions/{RAW}?dry=true&now={RAW_NOON}",
    ),
    (
        "returnCartItems",
        "POST",
        (ODD,),
        {"dry": False, "run_rule_engine": True},
        f"/v2/customer_sessions/{RAW}/returns?dry=false&runRuleEngine=true",
    ),
    ("reopenCustomerSession", "PUT", (ODD,), {}, f"/v2/customer_sessions/{RAW}/reopen"),
    (
        "updateCustomerProfileV2",
        "PUT",
        (ODD,),
        {"run_rule_engine": False, "dry": True},
        f"/v2/customer_profiles/{RAW}?runRuleEngine=false&dry=true",
    ),
    ("updateCustomerProfilesV2", "PUT", (), {"silent": "no"}, "/v2/customer_profiles?silent=no"),
    ("createAudienceV2", "POST", (), {}, "/v2/audiences"),
    ("updateAudienceV2", "PUT", (7,), {}, "/v2/audiences/7"),
    ("deleteAudienceV2", "DELETE", (2**63 - 1,), {}, "/v2/audiences/9223372036854775807"),
    ("deleteAudienceMembershipsV2", "DELETE", (7,), {}, "/v2/audiences/7/memberships"),
    ("updateCustomerProfileAudiences", "POST", (), {}, "/v2/customer_audiences"),
    ("updateAudienceCustomersAttributes", "PUT", (7,), {}, "/v2/audience_customers/7/attributes"),
    ("linkLoyaltyCardToProfile", "POST", (7, ODD), {}, f"/v2/loyalty_programs/7/cards/{RAW}/link_profile"),
    (
        "unlinkLoyaltyCardFromProfile",
        "POST",
        (7, ODD),
        {},
        f"/v2/loyalty_programs/7/cards/{RAW}/unlink_profile",
    ),
    (
        "integrationGetAllCampaigns",
        "GET",
        (),
        {**PAGE, "campaign_ids": ["1", "2,3", " 4/é+"], "start_after": UTC},
        f"/v1/integration/campaigns?{RAW_PAGE}&campaignIds=1,2%2C3,%204%2F%C3%A9%2B&startAfter={RAW_UTC}",
    ),
    (
        "trackEventV2",
        "POST",
        (),
        {"silent": "yes", "dry": False, "force_complete_evaluation": True},
        "/v2/events?silent=yes&dry=false&forceCompleteEvaluation=true",
    ),
    ("createReferral", "POST", (), {}, "/v1/referrals"),
    (
        "createReferralsForMultipleAdvocates",
        "POST",
        (),
        {"silent": "é b/1"},
        "/v1/referrals_for_multiple_advocates?silent=%C3%A9%20b%2F1",
    ),
    ("deleteCustomerData", "DELETE", (ODD,), {}, f"/v1/customer_data/{RAW}"),
    ("createCouponReservation", "POST", (ODD,), {}, f"/v1/coupon_reservations/{RAW}"),
    ("deleteCouponReservation", "DELETE", (ODD,), {}, f"/v1/coupon_reservations/{RAW}"),
    ("getReservedCustomers", "GET", (ODD,), {}, f"/v1/coupon_reservations/customerprofiles/{RAW}"),
    (
        "getCustomerInventory",
        "GET",
        (ODD,),
        {**KINDS, "achievements": True},
        f"/v1/customer_profiles/{RAW}/inventory?{RAW_KINDS}",
    ),
    (
        "getCustomerAchievements",
        "GET",
        (ODD,),
        {
            "campaign_ids": ["1"],
            "achievement_ids": [],
            "achievement_status": ["active", "scheduled"],
            "current_progress_status": ["not_started"],
            **PAGE,
        },
        f"/v1/customer_profiles/{RAW}/achievements?campaignIds=1&achievementStatus=active,scheduled"
        f"&currentProgressStatus=not_started&{RAW_PAGE}",
    ),
    (
        "getCustomerAchievementHistory",
        "GET",
        (ODD, 3),
        {"progress_status": ["inprogress", "expired"], **SPAN, **PAGE},
        f"/v1/customer_profiles/{RAW}/achievements/3?progressStatus=inprogress,expired&{RAW_SPAN}&{RAW_PAGE}",
    ),
    (
        "getLoyaltyCardBalances",
        "GET",
        (7, ODD),
        {"end_date": UTC, "subledger_id": MANY},
        f"{LP}/cards/{RAW}/balances?endDate={RAW_UTC}&{LEDGERS}",
    ),
    (
        "getLoyaltyBalances",
        "GET",
        (7, ODD),
        {"end_date": NOON, **LEDGER, "include_tiers": True, "include_projected_tier": False},
        f"{LP}/profile/{RAW}/balances?endDate={RAW_NOON}&{RAW_LEDGER}&includeTiers=true"
        "&includeProjectedTier=false",
    ),
    (
        "getLoyaltyCardTransactions",
        "GET",
        (7, ODD),
        {
            "awaits_activation": True,
            **PAGE,
            **BOTH,
            **SPAN,
            "loyalty_transaction_type": "manual",
            "subledger_id": [],
        },
        f"{LP}/cards/{RAW}/transactions?loyaltyTransactionType=manual&{RAW_SPAN}&{SESSIONS}&{UUIDS}&{RAW_PAGE}"
        "&awaitsActivation=true",
    ),
    (
        "getLoyaltyProgramProfileTransactions",
        "GET",
        (7, ODD),
        {**BOTH, **LEDGER, "loyalty_transaction_type": "import", **SPAN, **PAGE, "awaits_activation": False},
        f"{LP}/profile/{RAW}/transactions?{SESSIONS}&{UUIDS}&{RAW_LEDGER}&loyaltyTransactionType=import"
        f"&{RAW_SPAN}&{RAW_PAGE}&awaitsActivation=false",
    ),
    ("deleteLoyaltyTransactionsFromLedgers", "POST", (7, ODD), {}, f"{LP}/profile/{RAW}/delete_transactions"),
    (
        "getLoyaltyCardPoints",
        "GET",
        (7, ODD),
        {"status": "pending", "subledger_id": MANY, **BOTH, **PAGE, "sort": "expiryDate"},
        f"{LP}/cards/{RAW}/points?status=pending&{LEDGERS}&{SESSIONS}&{UUIDS}&{RAW_PAGE}&sort=expiryDate",
    ),
    (
        "getLoyaltyProgramProfilePoints",
        "GET",
        (7, ODD),
        {"status": "active", **LEDGER, **BOTH, **PAGE, "sort": "startDate"},
        f"{LP}/profile/{RAW}/points?status=active&{RAW_LEDGER}&{SESSIONS}&{UUIDS}&{RAW_PAGE}&sort=startDate",
    ),
    ("activateLoyaltyPoints", "POST", (7,), {}, f"{LP}/activate_points"),
    ("generateLoyaltyCard", "POST", (7,), {}, f"{LP}/cards"),
    ("bestPriorPrice", "POST", (), {}, "/v1/best_prior_price"),
    ("syncCatalog", "PUT", (7,), {}, "/v1/catalogs/7/sync"),
]
