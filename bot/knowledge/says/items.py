"""The words for items in lists. A fact names an item by the key without `item_`."""

from __future__ import annotations

_ITEMS = {
    # Costs and what the employer gives
    "agency_fee": "agency fee", "agency_loan": "agency loan", "recruitment": "hiring", "visa": "visa", "ticket": "plane ticket",
    "return_ticket": "plane ticket there and back", "medical_check": "medical check", "insurance": "insurance",
    "consulate_fee": "consulate fees", "work_permit": "work permit", "residence_card": "residence card", "transfer": "change of employer",
    "change_of_profession": "change of job title", "training": "training", "video": "video", "orientation": "orientation course",
    "welfare_fund": "welfare fund", "social_fund": "social security fund", "life_insurance": "life insurance",
    "life_insurance_35": "life insurance from age 35", "food": "food", "housing": "a place to sleep", "clothing": "clothes", "medical_care": "medical care",
    # Papers
    "verified_contract": "contract checked by the labour office abroad", "skill_certificate": "skill certificate (TESDA NC II)",
    "orientation_certificate": "orientation certificate", "worker_sheet": "worker information sheet", "passport": "passport",
    "id_card": "ID card", "other_papers": "other papers",
    # Contract
    "duties": "your tasks", "hours": "hours", "level": "your level", "trial": "trial time", "living_in": "whether you live in",
    "address": "address", "names": "names", "place": "place of work", "wage": "pay", "food_and_lodging": "food and room", "duration": "how long",
    # Ways of paying
    "cash": "in cash", "bank": "by bank", "cheque": "by cheque", "wallet": "by phone wallet",
    # Agencies
    "no_licence": "no licence", "charging_too_much": "taking more than allowed", "not_sent_no_refund": "not sending you and keeping the money",
    "changed_contract": "changing the contract", "false_information": "lies about the job", "company_registration": "a company registration",
    "facebook_page": "a Facebook page", "own_contract": "your own contract signed before you leave", "licensed_agency": "a licensed agency",
    "state_agreement": "a programme between the two states",
    # Reasons to change employer
    "employer_death": "the employer died", "employer_divorce": "the employers divorced", "sexual_harassment": "sexual acts or words in the house",
    # Health and pension
    "childcare": "child care", "pension": "pension", "accident_insurance": "accident insurance",
    # Who and what after coming home
    "distressed_member": "OWWA members in trouble", "victim_illegal_recruitment": "victims of illegal hiring",
    "victim_trafficking": "victims of trafficking", "victim_maltreatment": "victims of bad treatment", "returning_women": "women who come home",
    "livelihood_start": "money to start a livelihood", "skills_training": "training", "starter_kit": "starter kit",
    "death_grant": "a death", "injury_illness": "death, injury or serious illness",
    # Places
    "border_crossing": "at the border crossing", "northern_border": "northern border zone",
    # What nobody may do
    "discrimination": "treat you worse than others", "harassment": "touch or insult you sexually", "forced_labour": "force you to work",
    "physical_harm": "hurt you", "other_tasks": "give you work outside the contract",
}  # fmt: skip

SENTENCES: dict[str, str] = {f"item_{key}": text for key, text in _ITEMS.items()}

