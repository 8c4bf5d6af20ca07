"""First contact: requests, referrals, questionnaires on a phone."""
