"""What invented leads want, what was noted about them and which campaign brought them."""

INDUSTRIES = {
    "residential": ("Roofing", "Plumbing", "Homes", "Cleaning"),
    "commercial": ("Facilities", "Builders", "Interiors"),
    "solar": ("Solar", "Energy"),
    "legal": ("Law", "Legal"),
    "healthcare": ("Dental", "Clinic", "Care"),
    "software": ("Software", "Labs", "Systems"),
    "retail": ("Trading", "Supplies", "Market"),
    "education": ("Academy", "Learning"),
    "logistics": ("Freight", "Logistics"),
    "hospitality": ("Hotels", "Catering"),
}

BRANDS = (
    "Aurora",
    "Nimbus",
    "Vértice",
    "Kestrel",
    "Polaris",
    "Quokka",
    "Sabiá",
    "Tundra",
    "Zephyr",
    "Ipê",
    "Lumen",
    "Marlin",
    "Nordlys",
    "Oásis",
    "Papaya",
    "Rosebud",
    "Solstício",
    "Tramontana",
    "Umbra",
    "Vega",
    "Wren",
    "Xylo",
    "Yara",
    "Zênite",
)

INTENTS = (
    "Wants a quote for a full roof replacement",
    "Quer orçamento para troca do telhado",
    "Pide presupuesto para 12 paneles solares",
    "Needs a CRM for a team of 8",
    "Asked for a call back after 18:00",
    "Sucht einen neuen Anbieter zum Jahreswechsel",
    "Comparing three suppliers, decides this month",
    "Looking to sell a 3-bedroom house",
    "Renewal of the maintenance contract",
    "見積もりを希望",
    "يريد عرض سعر",
    "Only browsing; downloaded the price list",
)

NOTES = (
    "Called twice, no answer.\nLeft a message.",
    'Met at the fair; asked for "the big one", budget < 5,000 & flexible.',
    "Prefers WhatsApp. Speaks português e español.",
    "Line 1\r\nLine 2\ttabbed",
    "Decision maker is the sister — keep her in copy.",
    "Said: 'no e-mails, please'; see attachment #3 {draft}.",
    "Très intéressé 👍 rappeler lundi",
    "=SUM(A1:A3) was in the form field",
)

TAGS = (
    "feira",
    "vip",
    "newsletter",
    "cold",
    "Q3 campaign",
    "follow-up",
    "partner:north",
    "não ligar",
    "展示会",
    "50% off",
)

# utm_source, utm_medium, the click id's name ("" where the channel has none)
CHANNELS = (
    ("google", "cpc", "gclid"),
    ("google", "cpc", "gclid"),
    ("facebook", "paid_social", "fbclid"),
    ("instagram", "paid_social", "fbclid"),
    ("google", "organic", ""),
    ("newsletter", "email", ""),
    ("partner-site", "referral", ""),
    ("bing", "cpc", "msclkid"),
)

CAMPAIGNS = ("spring_24", "brand|exact", "black friday", "lançamento", "retarget-30d", "evergreen")

# Reserved for examples by RFC 2606 and RFC 6761: nobody can own a mailbox there.
MAIL_DOMAINS = (
    "example.com",
    "example.com",
    "example.org",
    "example.net",
    "mail.example",
    "correo.example",
    "post.example.org",
    "bücher.example",
    "são-paulo.example",
    "почта.example",
)
